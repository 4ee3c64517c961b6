"""Explanation of the n-grams' part of a score: it is linear, so that the words' shares are exact.

The n-gram weights of a text are divided by their length; the shares take that length as fixed.
"""

import re
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nlp.explain.word_spans import Span, word_spans
from nlp.transformer.ngrams import MAX_CHARS, Counts, Ngrams, Vector, counts, weighted

_NON_SPACE: Final = re.compile(r"\S+")

Values = NDArray[np.float64]


class SpanMargins(NamedTuple):
    """What the characters of ``span`` add to the margin of each class, (classes,)."""

    span: Span
    margins: Values


class _Run(NamedTuple):
    """A run of characters between spaces, its position, and its own n-grams."""

    start: int
    text: str
    counts: Counts


def word_margins(ngrams: Ngrams, text: str) -> list[SpanMargins]:
    """Return the margins of each word of a normalised text.

    They add up to the text's margins less those of an empty text. An n-gram of two words is shared
    by both; one that occurs several times is shared by its occurrences.
    """
    matches = [(match.start(), match.group()) for match in _NON_SPACE.finditer(text[:MAX_CHARS])]
    all_runs = [_Run(start, word, counts(word)) for start, word in matches]
    runs = [run for run in all_runs if len(run.counts.buckets)]

    in_text = counts(text)
    weights: Vector = ngrams.weights[in_text.buckets].astype(np.float32)
    share = weighted(in_text, ngrams.idf) / in_text.times
    values = (share[:, None] * weights * ngrams.scale).astype(np.float64)  # of one occurrence

    own = [_sum(values, in_text, run.counts) for run in runs]
    for index, (left, right) in enumerate(pairwise(runs)):
        both = _sum(values, in_text, counts(f"{left.text} {right.text}"))
        of_pair = both - _sum(values, in_text, left.counts) - _sum(values, in_text, right.counts)
        own[index] = own[index] + of_pair / 2
        own[index + 1] = own[index + 1] + of_pair / 2

    words: list[SpanMargins] = []
    for run, margins in zip(runs, own, strict=True):
        spans = word_spans(run.text)  # several if the run is Chinese, which has no spaces
        words += [
            SpanMargins(Span(run.start + start, run.start + end), margins / len(spans))
            for start, end in spans
        ]
    return words


def _sum(values: Values, in_text: Counts, subset: Counts) -> Values:
    """Return what the n-grams of ``subset``, all of which occur in the text, add, (classes,).

    ``values`` is what one occurrence of each n-gram of the text adds, (buckets, classes).
    """
    rows = values[np.searchsorted(in_text.buckets, subset.buckets)]
    return np.asarray(subset.times @ rows, np.float64)
