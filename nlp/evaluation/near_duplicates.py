"""Texts that a model has all but seen when it was trained.

Two texts are near duplicates if, without links, cashtag signs and case, at least seven in ten of
their character 5-shingles are shared (Jaccard similarity; Broder 1997). That takes in reposts with
a ticker in front, other inflections, and one template with another date or company. Characters and
not words, for not every script separates words.

Similarities are exact, none is estimated: pairs that can reach the threshold are found by prefix
filtering (Bayardo et al. 2007, Scaling Up All Pairs Similarity Search). With shingles in one order,
rarest first, two similar texts share one of the first ``size - ceil(least * size) + 1`` of each.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

from nlp.normalise import normalise

LEAST: Final = 0.7
SIZE: Final = 5
RULE: Final = f"Jaccard similarity of character {SIZE}-shingles of at least {LEAST}"
_CHUNK: Final = 2_048
"""Known texts compared at once, which bounds memory whatever their number."""
_PAIRS: Final = 50_000
_ROUNDING: Final = 1e-9


class _Bags(NamedTuple):
    """Shingles of texts: 0/1, (texts, shingles), rarest column first, and how many each has.

    ``sizes`` count those too that are no column.
    """

    shingles: Any
    sizes: NDArray[np.int64]

    def only(self, rows: NDArray[np.int64]) -> "_Bags":
        return _Bags(self.shingles[rows], self.sizes[rows])


def near(texts: Sequence[str], known: Iterable[str], least: float = LEAST) -> NDArray[np.bool_]:
    """For each text, whether a ``known`` one is its near duplicate. Seconds for 4 000 x 17 000.

    An empty text is nobody's duplicate.
    """
    found = np.zeros(len(texts), dtype=np.bool_)
    sets = [shingles(text) for text in texts]
    if not any(sets):
        return found
    columns = CountVectorizer(analyzer=_itself, binary=True, dtype=np.int32).fit(sets)
    order = np.argsort(np.asarray(columns.transform(sets).sum(axis=0)).ravel(), kind="stable")
    judged = _bags(columns, order, sets)
    for chunk in _chunks(known):
        left = np.flatnonzero(~found)
        found[left[_near(judged.only(left), _bags(columns, order, chunk), least)]] = True
    return found


def _near(judged: _Bags, known: _Bags, least: float) -> list[int]:
    """Rows of ``judged`` that are near one of ``known``."""
    found: set[int] = set()
    for rows, others in _candidates(judged, known, least):
        near_enough = _similar(judged, known, rows, others) >= least - _ROUNDING
        found.update(rows[near_enough].tolist())
    return sorted(found)


def shingles(text: str) -> frozenset[str]:
    """What ``text`` is compared by; a text shorter than a shingle is one.

    >>> sorted(shingles("$Acme up"))
    ['acme ', 'cme u', 'me up']
    """
    plain = normalise(text).lower()
    last = max(len(plain) - SIZE, 0)
    return frozenset(plain[at : at + SIZE] for at in range(last + 1)) - {""}


def _itself(found: AbstractSet[str]) -> AbstractSet[str]:
    return found


def _chunks(known: Iterable[str]) -> Iterator[list[frozenset[str]]]:
    unique = list(dict.fromkeys(shingles(text) for text in known))
    yield from (unique[at : at + _CHUNK] for at in range(0, len(unique), _CHUNK))


def _bags(columns: Any, order: NDArray[np.int64], sets: Sequence[frozenset[str]]) -> _Bags:
    counted = columns.transform(sets)[:, order]
    counted.sort_indices()
    return _Bags(counted, np.array([len(it) for it in sets], dtype=np.int64))


def _candidates(one: _Bags, two: _Bags, least: float) -> Iterator[tuple[Any, Any]]:
    """Rows of both that may be similar, some thousand pairs at a time."""
    rows, others = (_prefixes(one, least) @ _prefixes(two, least).T).nonzero()
    for at in range(0, len(rows), _PAIRS):
        yield rows[at : at + _PAIRS], others[at : at + _PAIRS]


def _prefixes(bags: _Bags, least: float) -> Any:
    """The rarest shingles of each text; those that are no column are rarer still."""
    there = np.diff(bags.shingles.indptr)
    lengths = np.maximum(there - np.ceil(least * bags.sizes - _ROUNDING) + 1, 0)
    places = np.arange(bags.shingles.nnz) - np.repeat(bags.shingles.indptr[:-1], there)
    kept = places < np.repeat(lengths, there)
    rows = np.repeat(np.arange(len(there)), there)[kept]
    cells = (np.ones(len(rows), dtype=np.int32), (rows, bags.shingles.indices[kept]))
    return csr_matrix(cells, shape=bags.shingles.shape)


def _similar(one: _Bags, two: _Bags, rows: Any, others: Any) -> NDArray[np.float64]:
    shared = np.asarray(one.shingles[rows].multiply(two.shingles[others]).sum(axis=1)).ravel()
    similarity: NDArray[np.float64] = shared / (one.sizes[rows] + two.sizes[others] - shared)
    return similarity
