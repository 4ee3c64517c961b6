"""Near duplicates: texts that a model has all but seen in training.

Two texts are near duplicates if, without links, cashtag signs and case, they share at least seven
in ten of their character 5-shingles (Jaccard similarity; Broder 1997). That covers reposts with a
ticker in front, other inflections, and a template with another date or company. Shingles are of
characters and not of words, for not every script separates words.

Similarities are exact. The pairs that can reach the threshold are found by prefix filtering
(Bayardo et al. 2007, Scaling Up All Pairs Similarity Search): with shingles in one order, rarest
first, two similar texts share one of the first ``size - ceil(threshold * size) + 1`` of each.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

from nlp.normalise import normalise

MIN_SIMILARITY: Final = 0.7
SHINGLE_CHARS: Final = 5
RULE: Final = (
    f"Jaccard similarity of character {SHINGLE_CHARS}-shingles of at least {MIN_SIMILARITY}"
)
_CHUNK_TEXTS: Final = 2_048
"""Known texts compared at once, which bounds the memory however many there are."""
_CHUNK_PAIRS: Final = 50_000
"""Pairs compared at once."""
_ROUNDING: Final = 1e-9


class _ShingleSets(NamedTuple):
    """Sets of shingles of texts.

    Attributes:
        matrix: 1 where a text has a shingle, (texts, shingles), sparse, rarest shingle first.
        sizes: number of shingles of each text, with those that have no column, (texts,).
    """

    matrix: Any
    sizes: NDArray[np.int64]

    def rows(self, indices: NDArray[np.int64]) -> "_ShingleSets":
        return _ShingleSets(self.matrix[indices], self.sizes[indices])


def has_near_duplicate(
    texts: Sequence[str], known_texts: Iterable[str], threshold: float = MIN_SIMILARITY
) -> NDArray[np.bool_]:
    """Return for each text whether it has a near duplicate among ``known_texts``, (texts,).

    An empty text has none. 4 000 texts are compared with 17 000 in seconds.
    """
    is_near = np.zeros(len(texts), dtype=np.bool_)
    sets = [shingles(text) for text in texts]
    if not any(sets):
        return is_near

    # The sets are analysed already: the vectorizer only counts what they iterate over.
    columns = CountVectorizer(analyzer=iter, binary=True, dtype=np.int32).fit(sets)
    frequency = np.asarray(columns.transform(sets).sum(axis=0)).ravel()
    rarest_first = np.argsort(frequency, kind="stable")

    queries = _shingle_sets(columns, rarest_first, sets)
    unique = list(dict.fromkeys(shingles(text) for text in known_texts))
    for start in range(0, len(unique), _CHUNK_TEXTS):
        known = _shingle_sets(columns, rarest_first, unique[start : start + _CHUNK_TEXTS])
        remaining = np.flatnonzero(~is_near)
        near_rows = _near_rows(queries.rows(remaining), known, threshold)
        is_near[remaining[near_rows]] = True
    return is_near


def shingles(text: str) -> frozenset[str]:
    """Return the shingles of a text; a text shorter than a shingle is a shingle itself.

    >>> sorted(shingles("$Acme up"))
    ['acme ', 'cme u', 'me up']
    """
    plain = normalise(text).lower()
    last_start = max(len(plain) - SHINGLE_CHARS, 0)
    starts = range(last_start + 1)
    return frozenset(plain[start : start + SHINGLE_CHARS] for start in starts) - {""}


def _shingle_sets(
    columns: Any, rarest_first: NDArray[np.int64], sets: Sequence[frozenset[str]]
) -> _ShingleSets:
    matrix = columns.transform(sets)[:, rarest_first]
    matrix.sort_indices()
    return _ShingleSets(matrix, np.array([len(shingle_set) for shingle_set in sets], np.int64))


def _near_rows(queries: _ShingleSets, known: _ShingleSets, threshold: float) -> list[int]:
    """Return the rows of ``queries`` that are near duplicates of a row of ``known``, ascending."""
    shared_prefixes = _prefixes(queries, threshold) @ _prefixes(known, threshold).T
    rows, known_rows = shared_prefixes.nonzero()

    near: set[int] = set()
    for start in range(0, len(rows), _CHUNK_PAIRS):
        chunk = rows[start : start + _CHUNK_PAIRS]
        first, second = queries.rows(chunk), known.rows(known_rows[start : start + _CHUNK_PAIRS])
        shared = np.asarray(first.matrix.multiply(second.matrix).sum(axis=1)).ravel()
        jaccard = shared / (first.sizes + second.sizes - shared)
        near.update(chunk[jaccard >= threshold - _ROUNDING].tolist())
    return sorted(near)


def _prefixes(sets: _ShingleSets, threshold: float) -> Any:
    """Return the matrix with only the rarest shingles of each text.

    Shingles without a column are rarer still, so that they take the first places of a prefix.
    """
    columns_per_text = np.diff(sets.matrix.indptr)
    min_shared = np.ceil(threshold * sets.sizes - _ROUNDING)
    prefix_lengths = np.maximum(columns_per_text - min_shared + 1, 0)

    first_entries = np.repeat(sets.matrix.indptr[:-1], columns_per_text)
    ranks = np.arange(sets.matrix.nnz) - first_entries
    in_prefix = ranks < np.repeat(prefix_lengths, columns_per_text)
    rows = np.repeat(np.arange(len(columns_per_text)), columns_per_text)[in_prefix]
    entries = (np.ones(len(rows), dtype=np.int32), (rows, sets.matrix.indices[in_prefix]))
    return csr_matrix(entries, shape=sets.matrix.shape)
