"""Classifiers of other packages.

A package declares a classifier as an entry point of the group ``newsquake.classifiers``; the
setting ``nlp.model`` then names it. In the package's ``pyproject.toml``::

    [project.entry-points."newsquake.classifiers"]
    acme = "acme_news.model:load"

where ``load(settings: nlp.settings.ModelSettings)`` returns an `nlp.classifier.Classifier`.
`nlp.contract` has the checks that such a classifier must pass.
"""

from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points
from math import isclose
from typing import Final

from nlp.classifier import (
    MAX_SEVERITY,
    Classifier,
    ModelBusy,
    ModelMissing,
    Question,
    Scores,
    SubjectClassifier,
    Unclassifiable,
)
from nlp.settings import ModelSettings

GROUP: Final = "newsquake.classifiers"
_TOLERANCE: Final = 1e-3
"""Largest rounding error of a probability that a plug-in may make."""
Answer = Callable[[Sequence[Question]], list[Scores]]
_PROBE: Final = ("Shares rise", "")
"""Texts that a plug-in must score when it is loaded."""
_PROBE_QUESTIONS: Final = (Question("Acme shares rise", "Acme"), Question("Shares rise", "Acme"))
"""Questions that a plug-in must answer then, if it answers any."""
_BUILT_IN: Final = ("shipped", "large", "lexicon", "lexicon-zh", "null")


def names() -> list[str]:
    """List the names of the classifiers that installed packages bring."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def describe_available_models() -> str:
    """Describe the models that the settings can name on this machine, for an error message."""
    plugins = names()
    listed = f", {', '.join(plugins)} (of other packages)" if plugins else ""
    return f"{', '.join(_BUILT_IN)}, zero-shot (for topics){listed}, or a model's folder"


def load(settings: ModelSettings) -> Classifier:
    """Load the classifier of another package that ``settings.model`` names.

    One that is busy at the moment is taken as it is: its server may be away.

    Raises:
        ModelMissing: two packages bring a classifier of that name, its factory fails, or the
            factory returns something else than a classifier.
    """
    points = list(entry_points(group=GROUP, name=settings.model))
    if len({point.value for point in points}) > 1:
        packages = " and ".join(map(_describe, points))
        raise ModelMissing(f"{packages}: uninstall one, both have one name")
    description = _describe(points[0])
    classifier = CheckedClassifier(_create(points[0], settings, description))
    try:
        classifier.classify(_PROBE)
        if isinstance(classifier, SubjectClassifier):
            classifier.classify_about(_PROBE_QUESTIONS)
    except ModelBusy:
        pass
    except Exception as error:
        raise ModelMissing(
            f"{description} does not keep the contract, run nlp.contract on it: "
            f"{type(error).__name__}: {error}"
        ) from error
    return classifier


class CheckedClassifier:
    """A plug-in whose scores are checked before they are used.

    Attributes:
        classify_about: answers questions; only there if the plug-in answers any.
    """

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        self.model_id = classifier.model_id
        if isinstance(classifier, SubjectClassifier):
            answer = classifier.classify_about
            self.classify_about: Answer = lambda questions: self._checked(
                answer(questions), questions
            )

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text, in order. The plug-in's own `ModelError` and `ModelBusy` pass through.

        Raises:
            Unclassifiable: there are not as many scores as texts, or one is no distribution.
        """
        return self._checked(self.classifier.classify(texts), texts)

    def _checked(
        self, answers: Iterable[Scores], asked: Sequence[str] | Sequence[Question]
    ) -> list[Scores]:
        scores = list(answers)
        if len(scores) != len(asked):
            raise Unclassifiable(
                f"{self.model_id} gave {len(scores)} scores for {len(asked)} texts"
            )
        if not all(map(_is_sound, scores)):
            raise Unclassifiable(f"{self.model_id} gave scores that are no distribution")
        if not all(map(_has_sound_severity, scores)):
            raise Unclassifiable(
                f"{self.model_id} gave a severity that is not from 0 to {MAX_SEVERITY:g}"
            )
        return scores


def _create(point: EntryPoint, settings: ModelSettings, description: str) -> Classifier:
    """Call the package's factory, and check that it returned a classifier."""
    try:
        classifier: Classifier = point.load()(settings)
    except ModelMissing:
        raise
    except Exception as error:
        raise ModelMissing(f"{description} failed: {type(error).__name__}: {error}") from error
    model_id: object = getattr(classifier, "model_id", None)
    has_id = isinstance(model_id, str) and model_id and "/" not in model_id
    if not (has_id and callable(getattr(classifier, "classify", None))):
        raise ModelMissing(
            f"{description} made a {type(classifier).__name__}, which is no classifier: it needs "
            "classify(texts) and a model_id without a slash"
        )
    return classifier


def _describe(point: EntryPoint) -> str:
    package = point.dist.name if point.dist else "an unknown package"
    return f"the classifier {point.name} of {package} ({point.value})"


def _is_sound(scores: object) -> bool:
    if not isinstance(scores, Scores):
        return False
    sentiment = scores[:3]
    numbers = (*sentiment, *scores.topics.values())
    # NaN is not within any bounds, so these comparisons refuse it.
    within = all(0.0 <= number <= 1.0 + _TOLERANCE for number in numbers)
    return within and isclose(sum(sentiment), 1.0, abs_tol=_TOLERANCE)


def _has_sound_severity(scores: Scores) -> bool:
    severity = scores.severity
    return severity is None or 0.0 <= severity <= MAX_SEVERITY + _TOLERANCE
