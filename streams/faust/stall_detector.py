"""Notices a partition that is held but not read, although records wait in it.

Around every rebalance the consumer below pauses, seeks and resumes partitions, in several threads.
One that is forgotten there looks like a quiet one: no error, no heartbeat missed, only lag.
"""

from collections.abc import Mapping
from typing import NamedTuple

from streams.core.record import TopicPartition


class ReadProgress(NamedTuple):
    """How far a partition is read, and how far it could be: next offsets, committed ones only."""

    position: int
    end: int


class StallDetector:
    """Partitions that stand still, by their positions at every look.

    ``patience`` is in seconds; so is ``now``, on a clock that never goes back.

    >>> news, standstill = TopicPartition("news", 0), StallDetector(patience=60.0)
    >>> [standstill.look({news: ReadProgress(5, 9)}, now) for now in (0.0, 60.0)]
    [[], [TopicPartition(topic='news', partition=0)]]
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._stood: dict[TopicPartition, tuple[int, float]] = {}

    def look(
        self, reached: Mapping[TopicPartition, ReadProgress], now: float
    ) -> list[TopicPartition]:
        """Those of ``reached`` that have stood for as long as patience lasts."""
        waiting = {source: it for source, it in reached.items() if it.position < it.end}
        self._stood = {
            source: self._since(source, it.position, now) for source, it in waiting.items()
        }
        return [
            source for source, (_, since) in self._stood.items() if now - since >= self._patience
        ]

    def forgive(self) -> None:
        """Begin anew: there was a reason to stand still."""
        self._stood.clear()

    def _since(self, source: TopicPartition, position: int, now: float) -> tuple[int, float]:
        stood = self._stood.get(source)
        return stood if stood and stood[0] == position else (position, now)
