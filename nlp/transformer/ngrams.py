"""What a linear model sees in a text: its words, pairs of words and pieces of words, hashed.

The transformer generalises; rare names and set phrases, which decide many a topic, are seen better
by a linear model over n-grams. Its margins are added to the transformer's logits ("wide and deep",
Cheng et al. 2016). Features are hashed (Weinberger et al. 2009), so there is no vocabulary to ship.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from nlp.classifier import ModelMissing
from nlp.transformer.compression import deflated, inflated

FILE: Final = "ngrams.safetensors"
BUCKETS: Final = 1 << 19
IDF_STEP: Final = 0.1
LONGEST: Final = 2_000
"""Characters of a text that are looked at."""
_PIECES: Final = (3, 4, 5)
_USUAL: Final = 24
"""Letters of a word whose pieces are remembered: most words were in other texts before."""
_WORD: Final = re.compile(r"\w+|[%$€£]")

Vector = NDArray[np.float32]


class Counts(NamedTuple):
    """A text as buckets, each once, and how often each occurs."""

    buckets: NDArray[np.int64]
    times: Vector


def counts(text: str) -> Counts:
    """The n-grams of a normalised text.

    >>> len(counts("Shares fall").buckets)
    26
    """
    words = _WORD.findall(text[:LONGEST].lower())
    found = [_bucket(gram) for gram in (*words, *map(" ".join, pairwise(words)))]
    found += chain.from_iterable(map(_pieces, words))
    buckets, times = np.unique(np.array(found, np.int64), return_counts=True)
    return Counts(buckets, times.astype(np.float32))


def weighted(found: Counts, idf: Vector) -> Vector:
    """Weights of ``found.buckets``: sublinear frequency times ``idf``, of length one."""
    values = (1.0 + np.log(found.times)) * idf[found.buckets]
    length = float(np.linalg.norm(values))
    return (values / length if length else values).astype(np.float32)


class Ngrams(NamedTuple):
    """A linear model over n-grams. ``weights`` is (buckets, classes), in steps of ``scale``.

    ``idf`` is (buckets), in steps of `IDF_STEP`; it is 0 of n-grams that count for nothing.
    """

    idf: Vector
    weights: NDArray[np.int8]
    scale: Vector
    bias: Vector

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """The model in ``folder``, if it has one.

        Raises:
            ModelMissing: it is damaged.
        """
        if not (folder / FILE).exists():
            return None
        try:
            return cls._of(load_file(folder / FILE))
        except (OSError, KeyError, ValueError, SafetensorError) as error:
            raise ModelMissing(f"the model in {folder} is damaged: {FILE}: {error}") from error

    @classmethod
    def _of(cls, found: dict[str, Any]) -> Self:
        idf = inflated(found["idf"], (BUCKETS,)).astype(np.float32) * np.float32(IDF_STEP)
        weights = inflated(found["weights"], (BUCKETS, len(found["bias"])))
        return cls(idf, weights, found["scale"], found["bias"])

    def stored(self) -> dict[str, Any]:
        """Arrays to write; most n-grams of a text were too rare to learn from, so most are 0."""
        steps = np.round(self.idf / IDF_STEP).astype(np.int8)
        deep = {"idf": deflated(steps), "weights": deflated(self.weights)}
        return {**deep, "scale": self.scale, "bias": self.bias}

    def margins(self, texts: Sequence[str]) -> Vector:
        """How far each of ``texts``, normalised, is on each class's side: (texts, classes)."""
        if not texts:
            return np.zeros((0, len(self.bias)), np.float32)
        return np.stack([self._margin(counts(text)) for text in texts])

    def _margin(self, found: Counts) -> Vector:
        values = weighted(found, self.idf)
        known = values.nonzero()[0]  # of most n-grams nothing was learnt
        rows = self.weights[found.buckets[known]].astype(np.float32)
        return (values[known] @ rows) * self.scale + self.bias


def _bucket(gram: str) -> int:
    return crc32(gram.encode()) & (BUCKETS - 1)


def _pieces(word: str) -> tuple[int, ...]:
    return _known(word) if len(word) <= _USUAL else _cut(word)


def _cut(word: str) -> tuple[int, ...]:
    """Buckets of the pieces of ``word``."""
    whole = f"<{word}>"
    starts = ((at, size) for size in _PIECES for at in range(len(whole) - size + 1))
    return tuple(_bucket(whole[at : at + size]) for at, size in starts)


_known = lru_cache(maxsize=1 << 14)(_cut)
