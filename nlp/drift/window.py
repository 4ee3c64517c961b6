"""The last articles that were scored, next to a reference."""

from collections import deque
from collections.abc import Mapping
from typing import Final

from nlp.drift.distributions import NAMES, Distributions, Name
from nlp.drift.reference import Reference
from nlp.drift.stability_index import stability_index

BLOCK_ARTICLES: Final = 500
"""Articles after which the indices are computed anew: the first time that they say something."""
MAX_BLOCKS: Final = 4
"""Blocks that are compared with the reference: 2 000 articles."""


class DriftWindow:
    """Compares the last `BLOCK_ARTICLES` to `BLOCK_ARTICLES` x `MAX_BLOCKS` articles.

    It is the memory of one process: after a restart the next 500 articles begin it.
    """

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._open = Distributions()
        self._blocks: deque[Distributions] = deque(maxlen=MAX_BLOCKS)

    def add(self, counted: Distributions) -> Mapping[Name, float]:
        """Add articles; return the index of each distribution if a block is full, else nothing."""
        self._open += counted
        if self._open.articles < BLOCK_ARTICLES:
            return {}
        self._blocks.append(self._open)
        self._open = Distributions()
        total = sum(self._blocks, Distributions())
        return {
            name: stability_index(total.counts(name), self._reference.counts(name))
            for name in NAMES
        }
