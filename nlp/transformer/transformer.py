"""Sentiment and topics by one of newsquake's own models: the shipped one, or one trained here.

prepare (tokens, in a thread of its own) / forward (batches of similar length under a token budget)
/ finish (calibrated probabilities, in the texts' order).
"""

from collections import deque
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, Final

from nlp.classifier import ModelMissing, Scores, Unclassifiable
from nlp.inference import device as devices
from nlp.inference.runner import BatchRunner, failures_told, padded
from nlp.inference.torchscript import traced
from nlp.settings import ModelSettings
from nlp.tasks import SENTIMENTS
from nlp.transformer.encoder import library, load_tokenizer
from nlp.transformer.model_files import Calibration, fingerprint, read_manifest
from nlp.transformer.ngrams import Ngrams
from nlp.transformer.tokenize import TextSlice, Tokenizer, TokenWindow

SHIPPED: Final = Path(__file__).parents[1] / "shipped"
AHEAD: Final = 1
"""Slices that wait for the device while those before are finished: it is never without work."""
_SENTIMENTS: Final = len(SENTIMENTS)
_WARM_UP: Final = ("Shares rise", "Shares of a company fall after it cut its forecast. " * 4)


class Transformer:
    """A model in memory. One thread at a time."""

    def __init__(self, folder: Path, settings: ModelSettings) -> None:
        self._torch = library("torch")
        from nlp.transformer.assemble import assemble  # noqa: PLC0415 - imports torch
        from nlp.transformer.multitask import Rows  # noqa: PLC0415 - imports torch

        manifest = read_manifest(folder)
        self.calibration: Calibration = manifest.calibration
        self.topics = manifest.topics
        self.device = devices.choose(self._torch, settings.device)
        self.dtype = devices.precision(self._torch, self.device, settings.dtype)
        self.model = devices.prepared(
            self._torch, assemble(folder), self.device, self.dtype, compiled=settings.compile
        )
        self.tokenizer = load_tokenizer()
        longest = min(settings.max_tokens, manifest.max_tokens)
        self.ngrams = Ngrams.read(folder)
        self._tokens = Tokenizer(
            self.tokenizer, longest, ngrams=self.ngrams, windows=settings.windows
        )
        self._passes = BatchRunner(self._torch, self.device, settings)
        self.rows = Rows(self.model)
        # What oneDNN has packed for int8 can't be traced.
        if self.device == "cpu" and self.dtype != "int8" and not settings.compile:
            self.rows = traced(self._torch, self.rows, *self._padded([[101, 2000, 102]]))
        self.model_id = f"{manifest.name}@{fingerprint(folder)}"
        self.classify(_WARM_UP)

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """As `Classifier.classify`."""
        found: list[Scores] = []
        begun: deque[tuple[TextSlice, Callable[[], list[Any]]]] = deque()
        with failures_told(self._torch):
            for ready in self._tokens.ahead(texts):
                begun.append((ready, self._begin(ready.pieces)))
                if len(begun) > AHEAD:
                    found += self._finish(*begun.popleft())
            for last in begun:
                found += self._finish(*last)
        return found

    def _begin(self, pieces: Sequence[TokenWindow]) -> Callable[[], list[Any]]:
        lengths = [len(piece.ids) for piece in pieces]
        return self._passes.begin(pieces, lengths, self._forward)

    def _forward(self, batch: Sequence[TokenWindow]) -> list[Any]:
        """Rows of (sentiment's and topics' logits, side by side), on the CPU."""
        torch = self._torch
        with torch.inference_mode():
            rows = self.rows(*self._padded([piece.ids for piece in batch])).cpu()
        return list(rows)

    def _padded(self, ids: Sequence[list[int]]) -> tuple[Any, Any]:
        inputs = padded(self._torch, ids, self.device)
        return inputs["input_ids"], inputs["attention_mask"]

    def _finish(self, ready: TextSlice, rows: Callable[[], list[Any]]) -> list[Scores]:
        torch, fitted = self._torch, self.calibration
        logits = _mean_by_text(torch, ready.pieces, torch.stack(rows()).double())
        sentiment, topic = logits[:, :_SENTIMENTS], logits[:, _SENTIMENTS:]
        if ready.margins is not None:
            margins = torch.from_numpy(ready.margins).double()
            sentiment = sentiment + fitted.blend[0] * margins[:, :_SENTIMENTS]
            topic = topic + fitted.blend[1] * margins[:, _SENTIMENTS:]
        three = (sentiment / fitted.temperature).softmax(dim=1).tolist()
        each = (topic * fitted.scale + fitted.shift).sigmoid().tolist()
        return [self._scores(a, b) for a, b in zip(three, each, strict=True)]

    def _scores(self, three: Sequence[float], each: Sequence[float]) -> Scores:
        if not all(map(isfinite, three)):
            raise Unclassifiable("the model's answer is not a probability distribution")
        topics = dict(zip(self.topics, each, strict=True))
        thresholds = zip(topics, self.calibration.thresholds, strict=True)
        about = tuple(topic for topic, least in thresholds if topics[topic] >= least)
        negative, neutral, positive = three
        return Scores(negative, neutral, positive, topics, about)


def _mean_by_text(torch: Any, pieces: Sequence[TokenWindow], logits: Any) -> Any:
    """Mean logits of each text's pieces; pieces of a text stand together, in order."""
    texts = torch.tensor([piece.text for piece in pieces])
    count = int(texts[-1]) + 1
    if count == len(pieces):
        return logits
    sums = torch.zeros(count, logits.shape[1], dtype=logits.dtype).index_add_(0, texts, logits)
    return sums / torch.bincount(texts, minlength=count).unsqueeze(1)


def shipped(settings: ModelSettings) -> Transformer:
    """The model that comes with newsquake.

    Raises:
        ModelMissing: its libraries are not installed, or this copy came without it.
    """
    if not SHIPPED.is_dir():
        raise ModelMissing(f"{SHIPPED} is missing: install newsquake again")
    return Transformer(SHIPPED, settings)
