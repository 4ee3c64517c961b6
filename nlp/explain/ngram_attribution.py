"""The n-grams' part of a score: it is linear in their weights, so the words' shares are exact.

What a text's weights are divided by, their length, is taken as given.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nlp.explain.word_spans import Span, spans
from nlp.transformer.ngrams import MAX_CHARS, Counts, Ngrams, Vector, counts, weighted

_RUN: Final = re.compile(r"\S+")

Values = NDArray[np.float64]


class Part(NamedTuple):
    """What the characters of ``span`` add to each class's margin."""

    span: Span
    margins: Values


def parts(ngrams: Ngrams, text: str) -> list[Part]:
    """Of a normalised text; they add up to its margins, less those of an empty text.

    An n-gram of two words is shared by them, one that occurs several times by its places.
    """
    runs = [run for run in map(_run, _RUN.finditer(text[:MAX_CHARS])) if len(run.found.buckets)]
    whole = counts(text)
    each = _each(ngrams, whole)
    own = [_sum(each, whole, run.found) for run in runs]
    for at, (left, right) in enumerate(pairwise(runs)):
        both = _sum(each, whole, counts(f"{left.text} {right.text}"))
        between = both - _sum(each, whole, left.found) - _sum(each, whole, right.found)
        own[at] = own[at] + between / 2
        own[at + 1] = own[at + 1] + between / 2
    return list(chain.from_iterable(map(_by_word, runs, own)))


class _Run(NamedTuple):
    """What is between spaces, where it begins, and its n-grams."""

    start: int
    text: str
    found: Counts


def _run(match: re.Match[str]) -> _Run:
    return _Run(match.start(), match.group(), counts(match.group()))


def _each(ngrams: Ngrams, whole: Counts) -> Values:
    """What one occurrence of each bucket adds to each class: (buckets, classes)."""
    weights: Vector = ngrams.weights[whole.buckets].astype(np.float32)
    share = weighted(whole, ngrams.idf) / whole.times
    return (share[:, None] * weights * ngrams.scale).astype(np.float64)


def _sum(each: Values, whole: Counts, part: Counts) -> Values:
    """What the n-grams of ``part`` add, all of which are in ``whole``."""
    return np.asarray(part.times @ each[np.searchsorted(whole.buckets, part.buckets)], np.float64)


def _by_word(run: _Run, margins: Values) -> Iterator[Part]:
    """Chinese has no spaces: its characters share what is known of them together."""
    words: Sequence[Span] = spans(run.text)
    for start, end in words:
        yield Part(Span(run.start + start, run.start + end), margins / len(words))
