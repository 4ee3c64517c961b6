"""Topics of a user's own, described in words: no training, no labels.

A text is about a topic as far as its vector is near that of a description, both made by the encoder
of `nlp.transformer.encoder` as it comes: the mean of the tokens' vectors (Reimers and Gurevych
2019). With several descriptions of a topic, the nearest counts.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from nlp.carried import carried_topics
from nlp.classifier import ModelMissing, Scores, Unclassifiable
from nlp.inference import device as devices
from nlp.inference.runner import BatchRunner, failures_told, padded
from nlp.settings import ModelSettings
from nlp.transformer.encoder import PACKAGE, library, load_encoder, load_tokenizer
from nlp.transformer.tokenize import Tokenizer, TokenWindow

MIDDLE: Final = 0.40
STEEPNESS: Final = 15.0
"""A score is ``sigmoid(STEEPNESS * (cosine - MIDDLE))``, so 0.5, where a topic begins to be
carried, is a cosine of 0.40. From reading 80 pairs of news headlines of 2023 and one of nine
topics (layoffs, bank failures, cyberattacks…): at a cosine of 0.28 to 0.34 one headline in eight
was about the topic, to 0.40 half, to 0.46 six in ten, to 0.55 eight in ten, above nearly all.
Headlines taken at random lie at 0.07, with a standard deviation of 0.09."""
LONGEST: Final = 256
"""Tokens; the encoder was trained on no more."""


class ZeroShot:
    """Scores of the topics in ``nlp.zero_shot``; every text is neutral to it.

    One thread at a time.
    """

    def __init__(self, settings: ModelSettings) -> None:
        if not settings.zero_shot:
            raise ModelMissing(
                "zero-shot needs topics: describe them in the setting nlp.zero_shot, such as "
                '{"layoffs": "A company cuts jobs; workers are laid off"}'
            )
        self._torch = library("torch")
        from nlp.transformer.multitask import mean_pool  # noqa: PLC0415 - imports torch

        self._pool = mean_pool
        self._device = devices.choose(self._torch, settings.device)
        dtype = devices.precision(self._torch, self._device, settings.dtype)
        encoder = load_encoder().eval()
        self._encoder = devices.prepared(
            self._torch, encoder, self._device, dtype, compiled=settings.compile
        )
        self._tokens = Tokenizer(load_tokenizer(), min(settings.max_tokens, LONGEST))
        self._passes = BatchRunner(self._torch, self._device, settings)
        self._topics = _descriptions(settings.zero_shot)
        self._anchors = [self._vectors(each) for each in self._topics.values()]
        self.model_id = f"zero-shot@{_fingerprint(settings.zero_shot)}"

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """As `Classifier.classify`."""
        with failures_told(self._torch):
            return self._scores(texts) if texts else []

    def _scores(self, texts: Sequence[str]) -> list[Scores]:
        torch, vectors = self._torch, self._vectors(texts)
        nearest = [(vectors @ anchors.T).amax(dim=1) for anchors in self._anchors]
        scores = (STEEPNESS * (torch.stack(nearest, dim=1) - MIDDLE)).sigmoid()
        if not bool(scores.isfinite().all()):
            raise Unclassifiable("the encoder's answer has no direction")
        return [self._named(row) for row in scores.tolist()]

    def _named(self, row: Sequence[float]) -> Scores:
        topics = dict(zip(self._topics, row, strict=True))
        scores = Scores(0.0, 1.0, 0.0, topics)
        return scores._replace(about=carried_topics(scores))

    def _vectors(self, texts: Sequence[str]) -> Any:
        """Unit vectors of ``texts`` in double precision, on the CPU: (texts, width)."""
        pieces = [piece for ready in self._tokens.ahead(texts) for piece in ready.pieces]
        lengths = [len(piece.ids) for piece in pieces]
        rows = self._passes.run(pieces, lengths, self._forward)
        return self._torch.nn.functional.normalize(self._torch.stack(rows).double(), dim=1)

    def _forward(self, batch: Sequence[TokenWindow]) -> list[Any]:
        inputs = padded(self._torch, [piece.ids for piece in batch], self._device)
        with self._torch.inference_mode():
            hidden = self._encoder(**inputs).last_hidden_state
            return list(self._pool(hidden, inputs["attention_mask"]).cpu())


def _descriptions(prompts: Mapping[str, str]) -> dict[str, list[str]]:
    """The descriptions of each topic.

    Raises:
        ModelMissing: a topic has none.
    """
    found = {name: _parts(text) for name, text in prompts.items()}
    empty = [name for name, parts in found.items() if not parts]
    if empty:
        raise ModelMissing(f"nlp.zero_shot describes {', '.join(empty)} with nothing: use words")
    return found


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _fingerprint(prompts: Mapping[str, str]) -> str:
    said = "\n".join(f"{name}: {text}" for name, text in prompts.items())
    return sha256(f"{PACKAGE}\n{said}".encode()).hexdigest()[:8]
