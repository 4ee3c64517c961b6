"""``newsquake predict``."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import typer
from pydantic import ValidationError
from rich.console import Console

from agents.scoring.isolate_poison import Poison, isolate_poison
from cli.io.text_input import BLOCK, Asked, Refused, arguments, lines
from cli.view.prediction import Predicted, as_json, view
from infra.usage_error import UsageError
from nlp.classifier import Classifier, ModelError, Scores
from nlp.companies.finder import CompanyFinder
from nlp.companies.settings import CompanySettings
from nlp.settings import ModelSettings
from nlp.tasks import carried_topics

if TYPE_CHECKING:
    from io import BufferedReader, TextIOWrapper

    from nlp.explain.explanation import Explainer

_HOW: Final = 'give a TEXT, or lines such as {"text": "…"} on standard input'

Answer = Predicted | Refused
Show = Callable[[Sequence[Answer]], None]


class Job(NamedTuple):
    """What the command line asks for; without ``texts`` they come from standard input."""

    texts: Sequence[str]
    as_json: bool = False
    explain: bool = False
    model: str | None = None


def run(settings: ModelSettings, lookup: CompanySettings, job: Job) -> None:
    """Print what the model says about each text, in order, a block at a time.

    Raises:
        UsageError: there is no text, or the model's name can't be one.
        ModelMissing: the model can't be loaded.
        BadTable: the list of companies can't be used.
        Exit: with 1, a text could not be predicted; the others were.
    """
    if not job.texts and sys.stdin.isatty():
        raise UsageError(f"no text: {_HOW}")
    predictor = Predictor(_chosen(settings, job), lookup, explain=job.explain)
    show = _write_json if job.as_json else _shown_to_people()
    refused = 0
    for block in _blocks(job):
        answers = predictor.predict(block)
        show(answers)
        refused += sum(_told(answer) for answer in answers)
    if refused:
        raise typer.Exit(1)


class Predictor:
    """A model, and what is said besides: subjects and reasons."""

    def __init__(
        self, settings: ModelSettings, lookup: CompanySettings, *, explain: bool = False
    ) -> None:
        from nlp.load import load  # noqa: PLC0415

        self._companies = CompanyFinder.load(lookup)
        self._model = load(settings)
        self._explainer = _explainer(self._model) if explain else None

    def predict(self, block: Sequence[Asked | Refused]) -> list[Answer]:
        """An answer for each, in order; a text that the model fails on is refused."""
        texts = [one.text for one in block if isinstance(one, Asked)]
        answers = iter(asyncio.run(isolate_poison(self._classify, texts)))
        return [
            self._answer(one, next(answers)) if isinstance(one, Asked) else one for one in block
        ]

    async def _classify(self, texts: Sequence[str]) -> list[Scores]:
        return self._model.classify(texts)

    def _answer(self, asked: Asked, found: Scores | Poison) -> Answer:
        if isinstance(found, Poison):
            return _failed(asked, found.cause)
        try:
            why = self._explainer.explain(asked.text, found) if self._explainer else None
        except ModelError as error:
            return _failed(asked, error)
        return Predicted(asked, found, self._subjects(asked, found), self._model.model_id, why)

    def _subjects(self, asked: Asked, scores: Scores) -> list[str]:
        found = self._companies.find(asked.headline, asked.body) if self._companies else []
        companies = [f"company:{company.ticker}" for company in found]
        return [*companies, *(f"topic:{name}" for name in carried_topics(scores))]


def _failed(asked: Asked, error: ModelError) -> Refused:
    return Refused(f"{asked.place}: the model fails on it: {' '.join(str(error).split())}")


def _explainer(model: Classifier) -> "Explainer":
    from nlp.explain.explainer import explainer  # noqa: PLC0415

    return explainer(model)


def _chosen(settings: ModelSettings, job: Job) -> ModelSettings:
    """The settings for this job: nothing is in the shadow; gradients need full precision."""
    exact = {"dtype": "fp32", "compile": False} if job.explain else {}
    name = settings.model if job.model is None else job.model
    try:
        return ModelSettings.model_validate(
            {**settings.model_dump(), **exact, "model": name, "shadow": ""}
        )
    except ValidationError as error:
        said = error.errors(include_url=False)[0]["msg"]
        raise UsageError(f"model {name!r}: {said}") from None


def _blocks(job: Job) -> Iterator[list[Asked | Refused]]:
    if job.texts:
        return arguments(job.texts)
    # An explanation takes as long as a block without: each is shown when it is there.
    stream = cast("BufferedReader", sys.stdin.buffer)
    return lines(stream, 1 if job.explain else BLOCK)


def _told(answer: Answer) -> bool:
    """Whether it is a refusal, which is told on stderr."""
    if isinstance(answer, Refused):
        typer.echo(f"newsquake: {answer.problem}", err=True)
        return True
    return False


def _write_json(answers: Sequence[Answer]) -> None:
    sys.stdout.buffer.write(b"".join(as_json(answer) + b"\n" for answer in answers))
    sys.stdout.buffer.flush()


def _shown_to_people() -> Show:
    cast("TextIOWrapper", sys.stdout).reconfigure(errors="replace")
    console = Console(highlight=False)

    def show(answers: Sequence[Answer]) -> None:
        for answer in answers:
            if isinstance(answer, Predicted):
                for line in view(answer):
                    console.print(line, soft_wrap=not console.is_terminal)
                console.print()

    return show
