"""Integrated gradients (Sundararajan, Taly and Yan 2017) of newsquake's own models.

Gradients with respect to the embeddings are integrated along the straight line from a text of as
many [MASK] tokens to the text itself. The n-grams' part of a score is linear, so that its shares
are exact. All values together add up to the difference between the text's score and that of an
unknown text, in calibrated log-odds: for a topic ``log(p / (1 - p))``, for a sentiment the mean of
its log-odds against either other one. Both are linear in the logits, so that the windows of a long
text can be averaged.
"""

from collections.abc import Sequence
from typing import Any, Final

from nlp.classifier import ModelError, Scores
from nlp.explain.explanation import Attribution, Explanation, explained_labels
from nlp.explain.ngram_attribution import SpanMargins, word_margins
from nlp.explain.token_windows import Window, WindowTokenizer
from nlp.explain.word_spans import Span, sum_by_word
from nlp.optional import require
from nlp.tasks import SENTIMENTS, TOPICS
from nlp.transformer.transformer import Transformer

STEPS: Final = (32, 64, 128, 256)
"""Points on the line. The next number is tried if the last one leaves more than `TOLERANCE`."""
TOLERANCE: Final = 0.02
"""Log-odds that the values may leave unexplained: at most half a percentage point."""
MAX_TOKENS_PER_PASS: Final = 2_048
"""Bounds the memory for gradients to about half a gigabyte."""


class IntegratedGradients:
    """Explains a `Transformer` in fp32: other precisions have no gradients, or rough ones."""

    def __init__(self, model: Transformer) -> None:
        self._torch = require("torch")
        from nlp.inference.padding import padding_of
        from nlp.inference.torch_runtime import TorchModel

        if not isinstance(model.model, TorchModel):
            raise TypeError("integrated gradients need a model that PyTorch runs")
        # torch.compile shares its weights with the module that it wraps, which takes hooks.
        self._model: Any = getattr(model.model.module, "_orig_mod", model.model.module)
        self._device = model.runtime.device
        self._calibration = model.calibration
        self._ngrams = model.ngrams
        self._tokenizer = WindowTokenizer.like(model.tokenizer, model.masking)
        self._mask_id = model.mask_id
        self._padding = padding_of(self._model.encoder)
        captum = require("captum.attr")
        embeddings = self._model.encoder.embeddings
        self._integrated = captum.LayerIntegratedGradients(self._log_odds, embeddings)

    def explain(self, text: str, scores: Scores, label: str = "") -> Explanation:
        """Return the values of the words that the model reads, in log-odds.

        Raises:
            ModelError: the model does not give the topic, or the memory is too small.
        """
        sentiment, topic = explained_labels(scores, label)
        if topic and topic not in scores.topics:
            raise ModelError(f"it gives no topic {topic} that could be explained")
        columns = [SENTIMENTS.index(sentiment)] if sentiment else []
        columns += [len(SENTIMENTS) + TOPICS.index(topic)] if topic else []

        written, read, windows = self._tokenizer.windows(text)
        token_values, deltas = self._attribute(windows, columns)
        margins = word_margins(self._ngrams, read.text) if self._ngrams else []
        ngram_values = self._calibrated_margins(margins, columns)

        spans = [span for window in windows for span in window.spans]
        spans += [Span(*read.old_span(*word.span)) for word in margins]
        names = [name for name in (sentiment, topic) if name]
        attributions = {
            name: Attribution(name, sum_by_word(written, spans, [*deep, *linear]), delta)
            for name, deep, linear, delta in zip(
                names, token_values, ngram_values, deltas, strict=True
            )
        }
        return Explanation(
            "integrated-gradients",
            attributions.get(sentiment or ""),
            attributions.get(topic or ""),
        )

    def _attribute(
        self, windows: Sequence[Window], columns: list[int]
    ) -> tuple[list[list[float]], list[float]]:
        """Return the values of all windows' tokens, (columns, tokens), and deltas, (columns,)."""
        try:
            for steps in STEPS:
                by_window = [self._attribute_window(window, columns, steps) for window in windows]
                deltas = self._torch.stack([delta for _, delta in by_window]).mean(dim=0)
                if float(deltas.abs().max()) <= TOLERANCE:
                    break
        except self._torch.OutOfMemoryError as error:
            raise ModelError(f"too little memory to explain it: {error}") from error
        values = self._torch.cat([values for values, _ in by_window], dim=1) / len(windows)
        return values.tolist(), deltas.tolist()

    def _attribute_window(self, window: Window, columns: list[int], steps: int) -> tuple[Any, Any]:
        """Return values, (columns, tokens), and deltas, (columns,), in double precision."""
        tensor, rows = self._torch.tensor, len(columns)
        masked = [
            self._mask_id if is_text else token_id
            for token_id, is_text in zip(window.ids, window.is_text, strict=True)
        ]
        ids = tensor([window.ids] * rows, device=self._device)
        values, deltas = self._integrated.attribute(
            ids,
            baselines=tensor([masked] * rows, device=self._device),
            target=tensor(columns, device=self._device),
            additional_forward_args=((ids != self._padding).long(),),
            n_steps=steps,
            internal_batch_size=max(rows, MAX_TOKENS_PER_PASS // len(window.ids)),
            return_convergence_delta=True,
        )
        return values.sum(dim=-1).double().cpu(), deltas.double().cpu()

    def _calibrated_margins(
        self, words: Sequence[SpanMargins], columns: Sequence[int]
    ) -> list[list[float]]:
        """Return the words' n-gram margins in log-odds, (columns, words)."""
        if not words:
            return [[] for _ in columns]
        blend = self._calibration.blend
        margins = self._torch.tensor([word.margins.tolist() for word in words]).double()
        first_topic = len(SENTIMENTS)
        log_odds = self._calibrate(
            blend[0] * margins[:, :first_topic], blend[1] * margins[:, first_topic:]
        )
        values: list[list[float]] = log_odds[:, columns].T.tolist()
        return values

    def _log_odds(self, ids: Any, mask: Any) -> Any:
        """Return calibrated log-odds up to a constant, (batch, sentiments and topics)."""
        logits = self._model({"input_ids": ids, "attention_mask": mask})
        return self._calibrate(logits["sentiment"], logits["topic"])

    def _calibrate(self, sentiment: Any, topic: Any) -> Any:
        """Return log-odds of logits, (batch, sentiments) and (batch, topics), side by side."""
        scaled = sentiment / self._calibration.temperature
        # A class minus the mean of the other two is 1.5 times the class minus the mean of all.
        against_others = 1.5 * (scaled - scaled.mean(dim=1, keepdim=True))
        return self._torch.cat([against_others, topic * self._calibration.scale], dim=1)
