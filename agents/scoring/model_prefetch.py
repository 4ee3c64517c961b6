"""Prefetch model scores: the next articles are scored while the current ones are committed.

A text's scores depend on the text alone, so they can be asked for early. So can what it says about
each of its companies, if it names several: that is a second call, with the texts that the first one
could score. Prefetched scores of a partition that went to another worker meanwhile are discarded.
"""

import asyncio
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from agents.scoring.article_reader import Reader, ScoredText
from agents.scoring.deduplicate import (
    NewArticle,
    PendingArticles,
    Position,
    SeenKeys,
    deduplicate,
)
from nlp.companies.finder import CompanyFinder
from streams.core.handler import Batch, Unavailable


class _Prefetch(NamedTuple):
    """One call of the model under way.

    Attributes:
        positions: The positions of all records of the batches that it was started for.
        pending: What its articles say, by key.
        new: The articles whose texts the model reads: copies are left out.
        answers: One answer for each of ``new``, in the same order.
    """

    positions: AbstractSet[Position]
    pending: PendingArticles
    new: list[NewArticle]
    answers: "asyncio.Task[list[ScoredText]]"


class ModelPrefetch:
    """A reader of articles, and a queue of calls that were started early."""

    def __init__(self, reader: Reader, finder: CompanyFinder | None) -> None:
        """Store the reader and the finder of companies, if there is one."""
        self._reader = reader
        self._finder = finder
        self._queue: list[_Prefetch] = []

    def start(self, batches: Sequence[Batch[SeenKeys]]) -> None:
        """Have the model read the new articles of ``batches``, after all that was started before.

        Batches of which any record was started before are left alone.
        """
        positions = _positions(batches)
        if not positions or any(positions & prefetch.positions for prefetch in self._queue):
            return
        earlier = [prefetch.pending for prefetch in reversed(self._queue)]
        pending: PendingArticles = {}
        unique = [deduplicate(batch, pending, {}, self._finder, earlier) for batch in batches]
        new = [article for batch in unique for article in batch.new]
        answers = asyncio.create_task(self._reader.read(new))
        answers.add_done_callback(_retrieve)
        self._queue.append(_Prefetch(positions, pending, new, answers))

    def claim(self, batches: Sequence[Batch[SeenKeys]]) -> Mapping[Position, NewArticle]:
        """Cancel what was started before ``batches``; return the articles started for them.

        Batches are handled in the order in which they were started, so what was started earlier
        and is not among them belongs to partitions that went to another worker.
        """
        positions = _positions(batches)
        while positions and self._queue and not positions & self._queue[0].positions:
            self._queue.pop(0).answers.cancel()
        claimed = (prefetch for prefetch in self._queue if positions & prefetch.positions)
        return {new.position: new for prefetch in claimed for new in prefetch.new}

    async def score(self, articles: Sequence[NewArticle]) -> dict[Position, ScoredText]:
        """Return the answers for ``articles``; those that were not started are read now.

        Raises:
            Unavailable: The model is down, and what was started is discarded.
            Exception: The model has a defect.
        """
        try:
            return await self._score(articles)
        except Unavailable:
            while self._queue:
                self._queue.pop().answers.cancel()
            raise

    async def _score(self, articles: Sequence[NewArticle]) -> dict[Position, ScoredText]:
        positions = {article.position for article in articles}
        answers: dict[Position, ScoredText] = {}
        while self._queue and positions & self._queue[0].positions:
            prefetch = self._queue.pop(0)
            read = (article.position for article in prefetch.new)
            answers |= zip(read, await prefetch.answers, strict=True)
        missing = [article for article in articles if article.position not in answers]
        unread = (article.position for article in missing)
        answers |= zip(unread, await self._reader.read(missing), strict=True)
        return answers


def _positions(batches: Sequence[Batch[SeenKeys]]) -> set[Position]:
    return {(batch.partition, record.offset) for batch in batches for record in batch.records}


def _retrieve(task: "asyncio.Task[list[ScoredText]]") -> None:
    """Take note of a failure: a call that is never claimed failed for nobody."""
    if not task.cancelled():
        task.exception()
