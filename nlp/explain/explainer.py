"""The explainer that fits a model."""

from nlp.classifier import Classifier, Scores
from nlp.explain.explanation import Explainer, Explanation
from nlp.lexicon.lexicon import Lexicon
from nlp.null import NullClassifier


class Silence:
    """Explains a model that does not read the text."""

    def explain(self, text: str, scores: Scores) -> Explanation:  # noqa: ARG002 - the protocol's
        """As `Explainer.explain`: there is nothing."""
        return Explanation("none")


def explainer(classifier: Classifier) -> Explainer:
    """The most exact explainer there is for ``classifier``.

    Integrated gradients need a model in fp32 that is not compiled; in any other form, and for
    models that are made of several or come from elsewhere, it is occlusion.

    Raises:
        ModelMissing: the library for integrated gradients is not installed.
    """
    if isinstance(classifier, Lexicon):
        from nlp.explain.lexicon_attribution import Cues  # noqa: PLC0415

        return Cues(classifier)
    if isinstance(classifier, NullClassifier):
        return Silence()
    return _gradients(classifier) or _occlusion(classifier)


def _gradients(classifier: Classifier) -> Explainer | None:
    from nlp.transformer.transformer import Transformer  # noqa: PLC0415

    if not isinstance(classifier, Transformer):
        return None
    if classifier.runtime.name != "torch" or classifier.runtime.dtype != "fp32":
        return None
    from nlp.explain.gradients import Gradients  # noqa: PLC0415

    return Gradients(classifier)


def _occlusion(classifier: Classifier) -> Explainer:
    from nlp.explain.occlusion import Occlusion  # noqa: PLC0415

    return Occlusion(classifier)
