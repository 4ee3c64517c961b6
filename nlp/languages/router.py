"""Each text to the model that reads its language."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Self

from nlp.classifier import UNREAD, Classifier, Question, Reader, Scores, SubjectClassifier
from nlp.languages.recognise import recognise
from nlp.languages.tags import ANY, prefixes
from nlp.tasks import TASKS, Task

_NEUTRAL: Final = Scores(negative=0.0, neutral=1.0, positive=0.0, topics={})


class DeclaredText(str):
    """A text whose producer says in which language it is.

    Attributes:
        language: The producer's tag, such as ``zh-hant``.
    """

    __slots__ = ("language",)
    language: str

    def __new__(cls, text: str, language: str) -> Self:
        """Return the text with its language."""
        declared = super().__new__(cls, text)
        declared.language = language
        return declared


class LanguageRouter:
    """A classifier with one model for the usual language and others for further ones.

    A text that none of them reads gets neutral scores with the reader `UNREAD`; it must not count.
    Scores of the usual language are those of the first model, without a reader.

    A question goes to the model that reads the language of its text. It is answered if any of the
    models answers questions; `model_that_read` says whether the one of a text does.

    Attributes:
        usual: The language of the first model, and of a text that does not say enough.
        first: The model of the usual language; the router has its id.
        others: The models of further languages by tag; None stands for no model, and `ANY` for
            every language that is not named.
        tasks: The tasks that the first model was trained on.
    """

    def __init__(
        self, first: Classifier, usual: str, others: Mapping[str, Classifier | None]
    ) -> None:
        self.first = first
        self.usual = usual
        self.others = others
        self.model_id = first.model_id
        self.tasks: tuple[Task, ...] = getattr(first, "tasks", TASKS)
        if any(isinstance(model, SubjectClassifier) for model in (first, *others.values())):
            self.classify_about = self._classify_about

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text by the model of its language, in order. See `Classifier.classify`."""
        return self._route(
            texts, lambda model, indices: model.classify([str(texts[index]) for index in indices])
        )

    def _classify_about(self, questions: Sequence[Question]) -> list[Scores]:
        """Answer each question by the model of its text's language, in order.

        A model that answers no questions gives the scores of the whole text.
        """

        def ask(model: Classifier, indices: Sequence[int]) -> list[Scores]:
            asked = [
                Question(str(questions[index].text), questions[index].subject) for index in indices
            ]
            if isinstance(model, SubjectClassifier):
                return model.classify_about(asked)
            return model.classify([question.text for question in asked])

        return self._route([question.text for question in questions], ask)

    def _route(
        self, texts: Sequence[str], ask: Callable[[Classifier, Sequence[int]], list[Scores]]
    ) -> list[Scores]:
        """Ask the model of each language about the texts at ``indices``; join the answers."""
        languages = [self.language_of(text) for text in texts]
        scores: list[Scores] = [_NEUTRAL] * len(texts)
        for language in dict.fromkeys(languages):
            indices = [index for index, other in enumerate(languages) if other == language]
            model = self.model_of(language)
            reader = None if language == self.usual else Reader(language, UNREAD)
            if model is None:
                answers = [_NEUTRAL] * len(indices)
            else:
                answers = ask(model, indices)
                reader = reader and reader._replace(model=model.model_id)
            for index, answer in zip(indices, answers, strict=True):
                scores[index] = answer._replace(reader=reader) if reader else answer
        return scores

    def language_of(self, text: str) -> str:
        """Return the tag of a text's language, which its producer may have declared."""
        declared = text.language if isinstance(text, DeclaredText) else ""
        language = recognise(text, declared, self.usual)
        return self.usual if self.usual in prefixes(language) else language

    def model_of(self, language: str) -> Classifier | None:
        """Return the model that reads a language, or None if no model does."""
        if language == self.usual:
            return self.first
        for tag in prefixes(language):
            if tag in self.others:
                return self.others[tag]
        return self.others.get(ANY)


def model_that_reads(classifier: Classifier, text: str) -> Classifier:
    """Return the model that a text goes to: one of the router's, or ``classifier`` itself."""
    if not isinstance(classifier, LanguageRouter):
        return classifier
    return classifier.model_of(classifier.language_of(text)) or classifier.first


def model_that_read(classifier: Classifier, scores: Scores) -> Classifier | None:
    """Return the model that gave a text its ``scores``: the router's, or ``classifier`` itself.

    None if no model read the text.
    """
    if not isinstance(classifier, LanguageRouter):
        return classifier
    return classifier.model_of(scores.reader.language) if scores.reader else classifier.first
