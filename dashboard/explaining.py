"""The words by which the model reads an article as it does, worked out on request."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from agents.scoring.article_reader import article_text
from nlp.classifier import Classifier
from nlp.explain.explainer import explainer
from nlp.explain.explanation import METHOD_DESCRIPTIONS, Explainer
from nlp.load import load
from nlp.settings import ModelSettings
from schemas.scored import ScoredArticle

NEGATIVE: Final = "negative"
"""The sentiment that is explained: alerts are about negative news."""
_EXACT: Final = {"dtype": "fp32", "compile": False, "runtime": "torch", "shadow": ""}
"""Gradients need PyTorch, in full precision."""


class Reason(NamedTuple):
    """The value of each word for the probability that the article is negative.

    Attributes:
        model: Id of the model that is explained.
        scored_by: Id of the model that scored the article, which may be another.
        negative: Its probability that the article is negative.
        method: The method, in words.
        words: Words and their values in the order of the text, zeros included.
    """

    model: str
    scored_by: str
    negative: float
    method: str
    words: tuple[tuple[str, float], ...]


class Explaining:
    """Explains articles one at a time, with a model that is loaded at the first of them."""

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings.model_copy(update=_EXACT)
        self._thread = ThreadPoolExecutor(1, "explaining")
        self._loaded: tuple[Classifier, Explainer] | None = None

    async def explain(self, scored: ScoredArticle) -> Reason:
        """Return why the model reads the article as it does.

        Raises:
            ModelMissing: The model or a library is missing; the message says what to install.
            ModelError: The model fails on the text.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._explain, scored)

    def close(self) -> None:
        """Explain nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _explain(self, scored: ScoredArticle) -> Reason:
        model, explainer = self._load()
        text = article_text(scored.article)
        (scores,) = model.classify([text])
        explanation = explainer.explain(text, scores, NEGATIVE)
        return Reason(
            scores.reader.model if scores.reader else model.model_id,
            scored.model,
            scores.negative,
            METHOD_DESCRIPTIONS[explanation.method],
            explanation.sentiment.words if explanation.sentiment else (),
        )

    def _load(self) -> tuple[Classifier, Explainer]:
        if self._loaded is None:
            model = load(self._settings)
            self._loaded = model, explainer(model)
        return self._loaded
