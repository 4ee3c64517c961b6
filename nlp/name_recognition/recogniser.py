"""Recognition of companies' names that are in no list, from the words around them.

A capitalised word that was hardly ever seen is a name. A known one is a name or not by its kind, or
by the words around it: in "Monster to cut 200 jobs" it is a company, in "Monster storm hits Ohio"
it is not. Both were learnt from headlines (`bench/labelling/recognise.py`).
"""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from nlp.companies.cue_words import LEGAL_FORM_AFTER
from nlp.name_recognition.words import BUCKETS, Word, bucket, features, words
from nlp.transformer.compression import deflate, inflate

FILE: Final = "weights.safetensors"
KIND_BUCKETS: Final = 1 << 21
"""Hash values of a word: of fifty unknown ones, one is taken for a known one."""
UNKNOWN: Final = 0
ORDINARY: Final = 1
"""Kind of a word that is also written in lower case: what stands around it decides."""
OTHER_NAME: Final = 2
"""Kind of the names of places, people and offices."""
COMPANY: Final = 3
"""Kind of words of companies' names."""
MAX_CHARS: Final = 2_000
"""Characters of a text that are read."""
THRESHOLD: Final = 2.0
"""Score from which an ordinary word is a name: most that begin a headline are none."""
NEIGHBOUR_THRESHOLD: Final = -2.5
"""Score from which a word behind a name belongs to it."""
MIN_PART_LETTERS: Final = 3
"""Letters that each part of a compound has at least."""
_ENDINGS: Final = ("s", "es", "d", "ed", "r", "er", "ers", "ing", "ly")
_SURE: Final = 100.0
_JOINING: Final = ("&", "-")


class Span(NamedTuple):
    """A name at characters ``start`` to ``end`` (exclusive) of a text."""

    start: int
    end: int


class NameRecogniser(NamedTuple):
    """The kinds of known words, and a linear model over what stands around a word.

    Attributes:
        kinds: by hash value of the word in lower case, (`KIND_BUCKETS`,).
        weights: (buckets,), in steps of ``scale``.
        scale: step size of the weights.
        bias: is added to each word's sum.
    """

    kinds: NDArray[np.int8]
    weights: NDArray[np.int8]
    scale: float
    bias: float

    @classmethod
    @cache
    def builtin(cls) -> Self:
        """Read the model that is shipped."""
        with as_file(files("nlp.name_recognition") / FILE) as path:
            stored = load_file(path)
        scale, bias = stored["scale_and_bias"].tolist()
        kinds = inflate(stored["kinds"], (KIND_BUCKETS,))
        return cls(kinds, inflate(stored["weights"], (BUCKETS,)), scale, bias)

    def stored(self) -> dict[str, NDArray[np.uint8] | NDArray[np.float32]]:
        """Return the arrays to write."""
        numbers = np.array([self.scale, self.bias], np.float32)
        compressed = {"kinds": deflate(self.kinds), "weights": deflate(self.weights)}
        return {**compressed, "scale_and_bias": numbers}

    def kind(self, word: str) -> int:
        """Return the kind of a word in lower case."""
        return int(self.kinds[bucket(word, KIND_BUCKETS)])

    def names(self, text: str) -> list[Span]:
        """Return the names of companies in a text, in its order.

        >>> text = "Quorvex to cut 200 jobs, Brelling & Sons says"
        >>> [text[start:end] for start, end in NameRecogniser.builtin().names(text)]
        ['Quorvex', 'Brelling & Sons']
        """
        text = text[:MAX_CHARS]
        parts = words(text)
        rated = list(features(text, parts))
        if not rated:
            return []
        hashed = np.array([hashes for _, hashes in rated])
        sums = self.weights[hashed].sum(1, dtype=np.float32) * self.scale + self.bias
        scores = {
            index: self._score(parts[index], around)
            for (index, _), around in zip(rated, sums.tolist(), strict=True)
        }
        return list(_spans(text, parts, scores))

    def _score(self, word: Word, around: float) -> float:
        """Return the score of a word, given that of what stands around it."""
        low = word.text.lower()
        kind = self.kind(low)
        if kind == OTHER_NAME:
            return min(around, THRESHOLD)
        if kind == ORDINARY or (kind == UNKNOWN and self._is_derived(low)):
            return around
        return _SURE

    def _is_derived(self, word: str) -> bool:
        """Return whether a word is made of ordinary ones, as ransomware and ruptured are."""
        stems = [word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)]
        stems += [f"{stem}e" for stem in stems]
        if any(self.kind(stem) == ORDINARY for stem in stems if len(stem) > MIN_PART_LETTERS):
            return True
        places = range(MIN_PART_LETTERS, len(word) - MIN_PART_LETTERS + 1)
        return any(
            self.kind(word[:place]) == ORDINARY and self.kind(word[place:]) == ORDINARY
            for place in places
        )


def _spans(text: str, parts: Sequence[Word], scores: dict[int, float]) -> Iterator[Span]:
    """Yield the names: a word that scores well, what belongs to it, and a legal form behind."""
    index = end = 0
    while index < len(parts):
        if scores.get(index, THRESHOLD) <= THRESHOLD or parts[index].start < end:
            index += 1
            continue
        last = index
        while following := _next(text, parts, scores, last):
            last = following
        end = parts[last].end
        if legal_form := LEGAL_FORM_AFTER.match(text, end):
            end = legal_form.end()
        yield Span(parts[index].start, end)
        index = last + 1


def _next(text: str, parts: Sequence[Word], scores: dict[int, float], last: int) -> int | None:
    """Return the index of the word that continues a name after the word ``last``, or None."""
    following = last + 1
    if following < len(parts) and parts[following].text in _JOINING:
        following += 1
    if scores.get(following, NEIGHBOUR_THRESHOLD) <= NEIGHBOUR_THRESHOLD:
        return None
    between = text[parts[last].end : parts[following].start].strip()
    return following if between in ("", *_JOINING) else None
