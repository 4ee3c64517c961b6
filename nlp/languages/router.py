"""Each text to the model that reads its language."""

from collections.abc import Mapping, Sequence
from typing import Final, Self

from nlp.classifier import UNREAD, Classifier, Reader, Scores
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

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text by the model of its language, in order. See `Classifier.classify`."""
        languages = [self.language_of(text) for text in texts]
        scores: list[Scores] = [_NEUTRAL] * len(texts)
        for language in dict.fromkeys(languages):
            indices = [index for index, other in enumerate(languages) if other == language]
            model = self.model_of(language)
            reader = None if language == self.usual else Reader(language, UNREAD)
            if model is None:
                answers = [_NEUTRAL] * len(indices)
            else:
                answers = model.classify([str(texts[index]) for index in indices])
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
