"""A model whose health a test decides."""

from collections.abc import Sequence

from nlp.classifier import ModelError, Question, Scores
from nlp.null import NEUTRAL, NullClassifier


class Flaky(NullClassifier):
    """A model that raises ``failure`` as long as there is one, and fails on ``poison`` always.

    Attributes:
        failure: Is raised by each call; None while the model works.
        after: The number of further calls that succeed before ``failure`` is raised.
        calls: The texts of each call.
    """

    model_id = "flaky"

    def __init__(self, failure: Exception | None = None, poison: Sequence[str] = ()) -> None:
        self.failure = failure
        self.poison = poison
        self.after = 0
        self.calls: list[list[str]] = []

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        self.calls.append(list(texts))
        if self.failure is not None and self.after == 0:
            raise self.failure
        self.after = max(0, self.after - 1)
        if any(bad in text for bad in self.poison for text in texts):
            raise ModelError("poison")
        return [NEUTRAL] * len(texts)


class FlakyAbout(Flaky):
    """A model that works for texts, and fails for questions as `Flaky` does."""

    model_id = "flaky-about"

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        return [NEUTRAL] * len(texts)

    def classify_about(self, questions: Sequence[Question]) -> list[Scores]:
        return super().classify([question.text for question in questions])
