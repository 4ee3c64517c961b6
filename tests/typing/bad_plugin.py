"""A plug-in with a mistake a line. `test_plugin_types.py` expects each ``# E:`` from mypy."""

# mypy: ignore-errors
from collections.abc import Sequence

from nlp.classifier import Classifier, Scores
from nlp.contract import CHECKS
from nlp.settings import ModelSettings


class Tuples:
    """A classifier that returns plain tuples."""

    model_id = "tuples"

    def classify(self, texts: Sequence[str]) -> list[tuple[float, float, float]]:
        """Score each text."""
        return [(0.8, 0.1, 0.1) for _ in texts]


class Nameless:
    """A classifier without a model_id."""

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text."""
        return [Scores(0.8, 0.1, "0.1", {}) for _ in texts]  # E: Argument 3 to "Scores" has


def load(settings: ModelSettings) -> Classifier:
    """Create the classifier."""
    if settings.max_token > 8:  # E: "ModelSettings" has no attribute "max_token"
        return Tuples()  # E: Incompatible return value type (got "Tuples", expected "Classifier")
    return Nameless()  # E: Incompatible return value type (got "Nameless", expected "Classifier")


CHECKS[0]("acme")  # E: Argument 1 has incompatible type "str"; expected "Classifier"
