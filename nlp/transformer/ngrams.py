"""A linear model over hashed n-grams: words, pairs of words, and substrings of words.

The transformer generalises; rare names and set phrases, which decide many a topic, are seen better
by a linear model over n-grams. Its margins are added to the transformer's logits ("wide and deep",
Cheng et al. 2016). Features are hashed (Weinberger et al. 2009), so there is no vocabulary to ship.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from nlp.classifier import ModelMissing
from nlp.transformer.compression import deflate, inflate

FILE: Final = "ngrams.safetensors"
BUCKETS: Final = 1 << 19
"""Hash values of an n-gram."""
IDF_STEP: Final = 0.1
"""Step size of the stored inverse document frequencies."""
MAX_CHARS: Final = 2_000
"""Characters of a text that are read."""
_SUBSTRING_CHARS: Final = (3, 4, 5)
_MAX_CACHED_CHARS: Final = 24
"""Characters of a word whose substrings are cached: most words were in earlier texts."""
_WORD: Final = re.compile(r"\w+|[%$€£]")

Vector = NDArray[np.float32]


class Counts(NamedTuple):
    """The n-grams of a text.

    Attributes:
        buckets: hash values of the n-grams, each once, ascending.
        times: number of times that each occurs.
    """

    buckets: NDArray[np.int64]
    times: Vector


def counts(text: str) -> Counts:
    """Count the n-grams of a normalised text.

    >>> len(counts("Shares fall").buckets)
    26
    """
    words = _WORD.findall(text[:MAX_CHARS].lower())
    hashes = [_bucket(ngram) for ngram in (*words, *map(" ".join, pairwise(words)))]
    for word in words:
        short = len(word) <= _MAX_CACHED_CHARS
        hashes += _cached_hashes(word) if short else _hash_substrings(word)
    buckets, times = np.unique(np.array(hashes, np.int64), return_counts=True)
    return Counts(buckets, times.astype(np.float32))


def weighted(ngrams: Counts, idf: Vector) -> Vector:
    """Return the weight of each n-gram: sublinear frequency times ``idf``, scaled to length 1."""
    values = (1.0 + np.log(ngrams.times)) * idf[ngrams.buckets]
    length = float(np.linalg.norm(values))
    return (values / length if length else values).astype(np.float32)


class Ngrams(NamedTuple):
    """A linear model over n-grams.

    Attributes:
        idf: inverse document frequencies (buckets), multiples of `IDF_STEP`; 0 for an n-gram that
            was too rare to learn from.
        weights: (buckets, classes), in steps of ``scale``.
        scale: step size of the weights of each class (classes).
        bias: (classes).
    """

    idf: Vector
    weights: NDArray[np.int8]
    scale: Vector
    bias: Vector

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Read the model in ``folder``, or return None if there is none.

        Raises:
            ModelMissing: it is damaged.
        """
        if not (folder / FILE).exists():
            return None
        try:
            stored = load_file(folder / FILE)
            idf = inflate(stored["idf"], (BUCKETS,)).astype(np.float32) * np.float32(IDF_STEP)
            weights = inflate(stored["weights"], (BUCKETS, len(stored["bias"])))
            return cls(idf, weights, stored["scale"], stored["bias"])
        except (OSError, KeyError, ValueError, SafetensorError) as error:
            raise ModelMissing(f"the model in {folder} is damaged: {FILE}: {error}") from error

    def stored(self) -> dict[str, NDArray[Any]]:
        """Return the arrays to write; compressed, as most n-grams have only zeros."""
        steps = np.round(self.idf / IDF_STEP).astype(np.int8)
        compressed = {"idf": deflate(steps), "weights": deflate(self.weights)}
        return {**compressed, "scale": self.scale, "bias": self.bias}

    def margins(self, texts: Sequence[str]) -> Vector:
        """Return the signed distance of each normalised text to each class: (texts, classes)."""
        if not texts:
            return np.zeros((0, len(self.bias)), np.float32)
        margins: list[Vector] = []
        for text in texts:
            ngrams = counts(text)
            values = weighted(ngrams, self.idf)
            nonzero = values.nonzero()[0]  # most n-grams were too rare to learn from
            rows = self.weights[ngrams.buckets[nonzero]].astype(np.float32)
            margins.append((values[nonzero] @ rows) * self.scale + self.bias)
        return np.stack(margins)


def _bucket(ngram: str) -> int:
    return crc32(ngram.encode()) & (BUCKETS - 1)


def _hash_substrings(word: str) -> tuple[int, ...]:
    """Return the hash value of each substring of ``word``, with its ends marked."""
    marked = f"<{word}>"
    return tuple(
        _bucket(marked[start : start + size])
        for size in _SUBSTRING_CHARS
        for start in range(len(marked) - size + 1)
    )


_cached_hashes = lru_cache(maxsize=1 << 14)(_hash_substrings)
