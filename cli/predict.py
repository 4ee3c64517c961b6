"""``newsquake predict``: the model's scores for texts from arguments or standard input."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import typer

from agents.asking.isolate_poison import Poison, isolate_poison, trust
from agents.scoring.subjects import questions
from cli.io.model_name import settings_for_model
from cli.io.text_input import (
    MAX_BLOCK_TEXTS,
    RefusedInput,
    TextInput,
    from_arguments,
    from_lines,
)
from cli.view.prediction import Answer, Prediction, SubjectAnswer, text_writer, write_json
from infra.input.input_files import STDIN
from infra.input.read_share import ReadShare
from infra.progress.meter import Meter
from infra.usage_error import UsageError
from nlp.classifier import ModelError, ModelMissing, Question, Reader, Scores, SubjectClassifier
from nlp.companies.finder import Company, CompanyFinder
from nlp.companies.settings import CompanySettings
from nlp.explain.explainer import explainer
from nlp.explain.explanation import Explanation
from nlp.explain.occlusion import explain_question
from nlp.languages.router import DeclaredText, LanguageRouter, model_that_read
from nlp.languages.tags import UNDETERMINED
from nlp.load import missing_tasks
from nlp.rows.label_names import sentiment_named
from nlp.settings import ModelSettings
from nlp.tasks import SENTIMENTS, TOPICS, carried_topics
from nlp.topic_names import topic_name

if TYPE_CHECKING:
    from io import BufferedReader

_REMEDY: Final = 'give a TEXT, or lines such as {"text": "…"} on standard input'

Block = Sequence[TextInput | RefusedInput]


class Job(NamedTuple):
    """Arguments of the command; without ``texts`` they come from standard input."""

    texts: Sequence[str]
    as_json: bool = False
    explain: bool = False
    label: str = ""
    model: str | None = None
    subject: str = ""


def run(settings: ModelSettings, companies: CompanySettings, job: Job) -> None:
    """Print the model's prediction for each text, in order, a block at a time.

    Raises:
        UsageError: there is no text, the model's name is not valid, there is no such label, or the
            model can't be asked about a subject.
        ModelMissing: the model can't be loaded.
        BadTable: the company list can't be used.
        Exit: with 1, a text could not be predicted; the others were.
    """
    if not job.texts and sys.stdin.isatty():
        raise UsageError(f"no text: {_REMEDY}")

    # Gradients need PyTorch, in full precision.
    explain = job.explain or bool(job.label)
    precision = {"dtype": "fp32", "compile": False, "runtime": "torch"} if explain else {}
    name = settings.model if job.model is None else job.model
    model_settings = settings_for_model(settings, name, **precision)
    predictor = Predictor(
        model_settings, companies, explain=explain, label=job.label, subject=job.subject
    )
    for sentence in missing_tasks(model_settings):
        typer.echo(f"newsquake: {sentence}", err=True)

    write = write_json if job.as_json else text_writer()
    # An explanation takes as long as a block without, so that each is shown at once.
    max_texts = 1 if explain else MAX_BLOCK_TEXTS
    stdin, share = cast("BufferedReader", sys.stdin.buffer), ReadShare([STDIN])
    share.opened(STDIN, stdin)
    refused = done = 0
    # Answers that scroll by on a terminal say themselves how far the command is.
    with Meter(is_shown=not sys.stdout.isatty()) as meter:
        meter.begin("predicting", "texts", len(job.texts) or None)
        for block in [from_arguments(job.texts)] if job.texts else from_lines(stdin, max_texts):
            answers = predictor.predict(block)
            write(answers)
            problems = [a.problem for a in answers if isinstance(a, RefusedInput)]
            for problem in problems:
                typer.echo(f"newsquake: {problem}", err=True)
            refused, done = refused + len(problems), done + len(answers)
            meter.update(done, None if job.texts else share.value)
    if refused:
        raise typer.Exit(1)


class Predictor:
    """Scores texts with a model, and finds their subjects and, on request, the explanation."""

    def __init__(
        self,
        settings: ModelSettings,
        companies: CompanySettings,
        *,
        explain: bool = False,
        label: str = "",
        subject: str = "",
    ) -> None:
        from nlp.load import load

        self._companies = CompanyFinder.load(companies)
        try:
            self._model = load(settings)
        except ModelMissing as error:
            # What explains a model needs more than what runs it on a graphics card.
            of_use = "newsquake[explain]" if explain else "newsquake[gpu]"
            raise ModelMissing(str(error).replace("newsquake[gpu]", of_use)) from error
        routed = isinstance(self._model, LanguageRouter)
        self._language = settings.language if routed else UNDETERMINED
        self._explainer = explainer(self._model) if explain else None
        self._label = (sentiment_named(label) or topic_name(label)) if label else ""
        self._subject = subject
        if subject and not isinstance(self._model, SubjectClassifier):
            raise UsageError(
                f"--subject {subject}: {self._model.model_id} can't be asked about a company; its "
                "sentiment of the whole text counts for each"
            )

    def predict(self, block: Block) -> list[Answer]:
        """Return an answer for each input, in order; a text that the model fails on is refused."""
        texts = [
            DeclaredText(item.text, item.language) if item.language else item.text
            for item in block
            if isinstance(item, TextInput)
        ]
        results = iter(asyncio.run(isolate_poison(self._classify, texts, trust)))
        read = [
            self._read(item, next(results)) if isinstance(item, TextInput) else item
            for item in block
        ]
        asked = [
            question
            for text in read
            if isinstance(text, ReadText)
            for question in text.questions.values()
        ]
        answers = iter(asyncio.run(isolate_poison(self._classify_about, asked, trust)))
        return [
            self._answer(text, [next(answers) for _ in text.questions])
            if isinstance(text, ReadText)
            else text
            for text in read
        ]

    async def _classify(self, texts: Sequence[str]) -> list[Scores]:
        return self._model.classify(texts)

    async def _classify_about(self, asked: Sequence[Question]) -> list[Scores]:
        assert isinstance(self._model, SubjectClassifier)  # noqa: S101 - or there are no questions
        return self._model.classify_about(asked)

    def _read(self, item: TextInput, result: Scores | Poison) -> "ReadText | RefusedInput":
        if isinstance(result, Poison):
            return _model_failed(item, result.cause)
        companies = self._companies.find(item.headline, item.body) if self._companies else []
        text = DeclaredText(item.text, item.language) if item.language else item.text
        asked: Mapping[str, Question] = {}
        if isinstance(model_that_read(self._model, result), SubjectClassifier):
            asked = (
                {self._subject: Question(text, self._subject)}
                if self._subject
                else questions(text, companies)
            )
        return ReadText(item, result, companies, asked)

    def _answer(self, text: "ReadText", answers: Sequence[Scores | Poison]) -> Answer:
        item, result, companies, asked = text
        about: list[SubjectAnswer] = []
        try:
            explanation = self._explain(item.text, result)
            for (name, question), answer in zip(asked.items(), answers, strict=True):
                if isinstance(answer, Poison):
                    return _model_failed(item, answer.cause)
                why = self._explain_about(question, result, answer)
                about.append(SubjectAnswer(name, question.subject, answer, why))
        except ModelError as error:
            return _model_failed(item, error)

        subjects = [
            *(f"company:{company.ticker}" for company in companies),
            *(f"topic:{name}" for name in carried_topics(result)),
        ]
        reader = result.reader or Reader(self._language, self._model.model_id)
        shown = [] if result.is_unread else subjects
        return Prediction(item, result, shown, reader, explanation, about)

    def _explain_about(
        self, question: Question, read: Scores, answer: Scores
    ) -> Explanation | None:
        """Explain the answer to a question, if that is asked for; ``read`` are the text's scores.

        Raises:
            ModelError: the model fails on the text without one of its words.
        """
        model = model_that_read(self._model, read)
        if self._explainer is None or not isinstance(model, SubjectClassifier):
            return None
        plain = Question(str(question.text), question.subject)
        return explain_question(model, plain, answer, self._label)

    def _explain(self, text: str, scores: Scores) -> Explanation | None:
        """Explain the scores, if that is asked for.

        Raises:
            UsageError: neither the models that newsquake brings nor this one give such a label.
            ModelError: the model fails on the text, or does not give the label.
        """
        if self._explainer is None:
            return None
        known = {*SENTIMENTS, *TOPICS, *scores.topics}
        if self._label and self._label not in known:
            names = ", ".join((*SENTIMENTS, *sorted(known.difference(SENTIMENTS))))
            raise UsageError(f"--label {self._label} is none of {names}")
        return self._explainer.explain(text, scores, self._label)


class ReadText(NamedTuple):
    """A text with its scores and companies, and what the model is to be asked, by subject."""

    item: TextInput
    scores: Scores
    companies: Sequence[Company]
    questions: Mapping[str, Question]


def _model_failed(item: TextInput, error: ModelError) -> RefusedInput:
    reason = " ".join(str(error).split())
    return RefusedInput(f"{item.position}: the model fails on it: {reason}")
