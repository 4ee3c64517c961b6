"""Choice of the explainer that fits a model."""

from nlp.classifier import Classifier, Scores
from nlp.explain.chinese_attribution import ChineseAttribution
from nlp.explain.explanation import Explainer, Explanation
from nlp.explain.lexicon_attribution import LexiconAttribution
from nlp.explain.occlusion import Occlusion
from nlp.languages.router import LanguageRouter
from nlp.lexicon.chinese import ChineseLexicon
from nlp.lexicon.lexicon import Lexicon
from nlp.null import NullClassifier


class NoExplanation:
    """Explains a model that does not read the text."""

    def explain(self, text: str, scores: Scores, label: str = "") -> Explanation:  # noqa: ARG002 - the protocol's
        """Return an explanation without any word."""
        return Explanation("none")


class RoutedExplainer:
    """Explains each text by the model that reads its language."""

    def __init__(self, router: LanguageRouter) -> None:
        self._router = router
        self._explainers: dict[str, Explainer] = {"": explainer(router.first)}

    def explain(self, text: str, scores: Scores, label: str = "") -> Explanation:
        """See `Explainer.explain`."""
        language = scores.reader.language if scores.reader else ""
        if language not in self._explainers:
            model = self._router.model_of(language)
            self._explainers[language] = explainer(model) if model else NoExplanation()
        return self._explainers[language].explain(text, scores, label)


def explainer(classifier: Classifier) -> Explainer:
    """Return the most exact explainer for ``classifier``.

    - models for several languages: the explainer of the one that read the text;
    - the lexicons: their own arithmetic, which is exact;
    - the null model: no explanation;
    - newsquake's own models in fp32: integrated gradients, which need full precision;
    - any other model, such as an ensemble or a plug-in: occlusion.

    Raises:
        ModelMissing: the library for integrated gradients is not installed.
    """
    if isinstance(classifier, LanguageRouter):
        return RoutedExplainer(classifier)
    if isinstance(classifier, Lexicon):
        return LexiconAttribution(classifier)
    if isinstance(classifier, ChineseLexicon):
        return ChineseAttribution(classifier)
    if isinstance(classifier, NullClassifier):
        return NoExplanation()

    from nlp.transformer.transformer import Transformer

    if (
        isinstance(classifier, Transformer)
        and classifier.runtime.name == "torch"
        and classifier.runtime.dtype == "fp32"
    ):
        from nlp.explain.gradients import IntegratedGradients

        return IntegratedGradients(classifier)
    return Occlusion(classifier)
