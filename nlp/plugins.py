"""Classifiers that other packages bring.

A package declares one as an entry point of the group ``newsquake.classifiers``; the setting
``nlp.model`` then names it. In its ``pyproject.toml``::

    [project.entry-points."newsquake.classifiers"]
    acme = "acme_news.model:load"

where ``load(settings: nlp.settings.Nlp)`` returns an `nlp.classifier.Classifier`. `nlp.contract`
has the checks that such a classifier must pass.
"""

from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from math import isclose
from typing import Any, Final

from nlp.classifier import Classifier, ModelMissing, Scores, Unclassifiable
from nlp.settings import ModelSettings

GROUP: Final = "newsquake.classifiers"
_TOLERANCE: Final = 1e-3
_PROBE: Final = ("Shares rise", "")
_BUILT_IN: Final = ("shipped", "lexicon", "null")


def names() -> list[str]:
    """The names of the classifiers that installed packages bring."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def what_there_is() -> str:
    """What the settings can name on this machine, for people."""
    brought = f", {', '.join(names())} (of other packages)" if names() else ""
    return f"{', '.join(_BUILT_IN)}, zero-shot (for topics){brought}, or a model's folder"


def load(settings: ModelSettings) -> Classifier:
    """The classifier of another package that ``settings.model`` names, guarded.

    Raises:
        ModelMissing: two packages bring one of that name, its factory fails, or what the factory
            makes is no classifier.
    """
    point = _point(settings.model)
    made = _made(point, settings)
    if not (callable(getattr(made, "classify", None)) and _is_id(getattr(made, "model_id", None))):
        raise ModelMissing(
            f"{_said(point)} made a {type(made).__name__}, which is no classifier: it needs "
            "classify(texts) and a model_id without a slash"
        )
    guarded = Guarded(made)
    _try(point, guarded)
    return guarded


class Guarded:
    """A classifier whose answers are looked at before anything is done with them."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        self.model_id = classifier.model_id

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """As `Classifier.classify`.

        Raises:
            Unclassifiable: there are not as many scores as texts, or one is no distribution.
        """
        found = list(self.classifier.classify(texts))
        if len(found) != len(texts):
            raise Unclassifiable(f"{self.model_id} gave {len(found)} scores for {len(texts)} texts")
        if not all(map(_is_sound, found)):
            raise Unclassifiable(f"{self.model_id} gave scores that are no distribution")
        return found


def _point(name: str) -> EntryPoint:
    found = list(entry_points(group=GROUP, name=name))
    if len({point.value for point in found}) > 1:
        raise ModelMissing(f"{' and '.join(map(_said, found))}: uninstall one, both have one name")
    return found[0]


def _made(point: EntryPoint, settings: ModelSettings) -> Any:
    try:
        return point.load()(settings)
    except ModelMissing:
        raise
    except Exception as error:
        raise ModelMissing(f"{_said(point)} failed: {type(error).__name__}: {error}") from error


def _try(point: EntryPoint, classifier: Guarded) -> None:
    try:
        classifier.classify(_PROBE)
    except Exception as error:
        raise ModelMissing(
            f"{_said(point)} does not keep the contract, run nlp.contract on it: "
            f"{type(error).__name__}: {error}"
        ) from error


def _said(point: EntryPoint) -> str:
    package = point.dist.name if point.dist else "an unknown package"
    return f"the classifier {point.name} of {package} ({point.value})"


def _is_id(found: object) -> bool:
    return isinstance(found, str) and bool(found) and "/" not in found


def _is_sound(scores: object) -> bool:
    if not isinstance(scores, Scores):
        return False
    three = scores[:3]
    numbers = (*three, *scores.topics.values())
    # NaN is not within any bounds, so these comparisons refuse it.
    within = all(-_TOLERANCE <= number <= 1.0 + _TOLERANCE for number in numbers)
    return within and isclose(sum(three), 1.0, abs_tol=_TOLERANCE)
