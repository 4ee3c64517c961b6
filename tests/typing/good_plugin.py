"""A plug-in that keeps the types. `test_plugin_types.py` runs mypy on it; nothing imports it."""

from collections.abc import Sequence

from nlp.classifier import Classifier, ModelBusy, ModelError, Scores
from nlp.contract import CHECKS
from nlp.settings import ModelSettings


class Acme:
    """A classifier that calls every text negative."""

    def __init__(self, max_tokens: int) -> None:
        self.model_id = f"acme-{max_tokens}"

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text."""
        if len(texts) > 1_000:
            raise ModelBusy("the queue is full")
        if any("\0" in text for text in texts):
            raise ModelError("NUL in a text")
        return [Scores(0.8, 0.1, 0.1, {"ipo": 0.75}, about=("ipo",)) for _ in texts]


def load(settings: ModelSettings) -> Classifier:
    """Create the classifier."""
    return Acme(settings.max_tokens)


def run_contract() -> None:
    """Run every check."""
    for check in CHECKS:
        check(load(ModelSettings(model="acme")))
