"""Integrated gradients (Sundararajan, Taly and Yan 2017) of newsquake's own models.

Attributions are of the embeddings, along the straight line from a text of as many [MASK] tokens;
what the n-grams say besides is linear, and shared out exactly. Together they add up to the
difference from a text of which nothing is known, in calibrated log-odds: for a topic
``log(p / (1 - p))``, for a sentiment the mean of its log-odds against either other one. Both are
linear in the logits, so that the windows of a long text add up, too.
"""

from collections.abc import Sequence
from typing import Any, Final

from nlp.classifier import ModelError, Scores
from nlp.explain.explanation import Attribution, Explanation, sentiment_of, topic_of
from nlp.explain.ngram_attribution import Part, parts
from nlp.explain.token_windows import Window, Windows
from nlp.explain.word_spans import merged
from nlp.optional import require
from nlp.tasks import SENTIMENTS, TOPICS
from nlp.transformer.transformer import Transformer

STEPS: Final = (32, 64, 128, 256)
"""Points on the line; the next number is tried while the last leaves more than `TOLERANCE`."""
TOLERANCE: Final = 0.02
"""Log-odds: half a percentage point of a probability at most."""
TOKENS_A_PASS: Final = 2_048
"""Bounds the memory that the gradients take, to about half a gigabyte."""


class Gradients:
    """Explains a `Transformer` in fp32: other precisions have no gradients, or rough ones."""

    def __init__(self, model: Transformer) -> None:
        self._torch = require("torch")
        from nlp.inference.torch_runtime import TorchModel  # noqa: PLC0415 - imports torch

        if not isinstance(model.model, TorchModel):
            raise TypeError("integrated gradients need a model that PyTorch runs")
        # torch.compile shares its weights with the module that it wraps, which takes hooks.
        self._model: Any = getattr(model.model.module, "_orig_mod", model.model.module)
        self._device = model.runtime.device
        self._calibration = model.calibration
        self._ngrams = model.ngrams
        self._windows = Windows.of(model.tokenizer)
        self._mask_id = model.tokenizer.mask_token_id
        captum = require("captum.attr")
        embeddings = self._model.encoder.embeddings
        self._integrated = captum.LayerIntegratedGradients(self._log_odds, embeddings)

    def explain(self, text: str, scores: Scores) -> Explanation:
        """As `Explainer.explain`; what is past the model's reach is left out."""
        ready, windows = self._windows.cut(text)
        sentiment, topic = sentiment_of(scores), topic_of(scores) or TOPICS[0]
        columns = [SENTIMENTS.index(sentiment), len(SENTIMENTS) + TOPICS.index(topic)]
        values, deltas = self._converged(windows, columns)
        spans = [span for window in windows for span in window.spans]
        more = parts(self._ngrams, ready) if self._ngrams else []
        linear = self._of_margins(more, columns)
        spans += [part.span for part in more]
        rows = [[*deep, *wide] for deep, wide in zip(values, linear, strict=True)]
        both = zip((sentiment, topic), rows, deltas, strict=True)
        found = [Attribution(label, merged(ready, spans, row), delta) for label, row, delta in both]
        return Explanation("integrated-gradients", *found)

    def _of_margins(self, more: Sequence[Part], columns: Sequence[int]) -> list[list[float]]:
        """The same values for n-grams: (columns, parts)."""
        if not more:
            return [[] for _ in columns]
        blend = self._calibration.blend
        margins = self._torch.tensor([part.margins.tolist() for part in more]).double()
        cut = len(SENTIMENTS)
        odds = self._scaled(blend[0] * margins[:, :cut], blend[1] * margins[:, cut:])
        rows: list[list[float]] = odds[:, columns].T.tolist()
        return rows

    def _converged(
        self, windows: Sequence[Window], columns: list[int]
    ) -> tuple[list[list[float]], list[float]]:
        """For each column the values of all tokens of all windows, and what they leave over."""
        try:
            for steps in STEPS:
                found = [self._attributed(window, columns, steps) for window in windows]
                deltas = self._torch.stack([delta for _, delta in found]).mean(dim=0)
                if float(deltas.abs().max()) <= TOLERANCE:
                    break
        except self._torch.OutOfMemoryError as error:
            raise ModelError(f"too little memory to explain it: {error}") from error
        values = self._torch.cat([values for values, _ in found], dim=1) / len(windows)
        return values.tolist(), deltas.tolist()

    def _attributed(self, window: Window, columns: list[int], steps: int) -> tuple[Any, Any]:
        """Values (columns, tokens) and deltas (columns), in double precision."""
        tensor, rows = self._torch.tensor, len(columns)
        masked = [
            self._mask_id if ours else one
            for one, ours in zip(window.ids, window.ours, strict=True)
        ]
        ids = tensor([window.ids] * rows, device=self._device)
        values, deltas = self._integrated.attribute(
            ids,
            baselines=tensor([masked] * rows, device=self._device),
            target=tensor(columns, device=self._device),
            additional_forward_args=((ids != 0).long(),),  # [PAD] is 0
            n_steps=steps,
            internal_batch_size=max(rows, TOKENS_A_PASS // len(window.ids)),
            return_convergence_delta=True,
        )
        return values.sum(dim=-1).double().cpu(), deltas.double().cpu()

    def _log_odds(self, ids: Any, mask: Any) -> Any:
        """Calibrated log-odds but for a constant, (batch, sentiments and topics)."""
        found = self._model({"input_ids": ids, "attention_mask": mask})
        return self._scaled(found["sentiment"], found["topic"])

    def _scaled(self, sentiment: Any, topic: Any) -> Any:
        fitted = self._calibration
        three = sentiment / fitted.temperature
        # A class minus the mean of the other two is one and a half times it minus the mean of all.
        against = 1.5 * (three - three.mean(dim=1, keepdim=True))
        return self._torch.cat([against, topic * fitted.scale], dim=1)
