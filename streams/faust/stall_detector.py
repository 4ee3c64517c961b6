"""Detect a partition that is held but not read, although records wait in it.

Around every rebalance the consumer below pauses, seeks and resumes partitions, in several threads.
A partition that is forgotten there looks like a quiet one: no error, no missing heartbeat, but lag.
"""

from collections.abc import Mapping

from streams.core.consumer import ReadProgress
from streams.core.record import TopicPartition


class StallDetector:
    """Compares the positions of partitions from one call to the next.

    ``patience_seconds`` is the time without progress after which a partition counts as stalled.

    >>> news, detector = TopicPartition("news", 0), StallDetector(patience_seconds=60.0)
    >>> [detector.stalled({news: ReadProgress(5, 9)}, now) for now in (0.0, 60.0)]
    [[], [TopicPartition(topic='news', partition=0)]]
    >>> detector.waiting(60.0, 5.0)
    {TopicPartition(topic='news', partition=0): 5}
    """

    def __init__(self, patience_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self._waiting: dict[TopicPartition, tuple[int, float]] = {}
        """The position of each partition in which records wait, and the time it was first seen."""

    def stalled(
        self, progress: Mapping[TopicPartition, ReadProgress], now: float
    ) -> list[TopicPartition]:
        """Return the partitions in which records wait and that made no progress for too long.

        ``now`` is in seconds, by a clock that never goes back.
        """
        waiting: dict[TopicPartition, tuple[int, float]] = {}
        for source, (position, end, _, stands_still) in progress.items():
            if position < end and not stands_still:
                last_position, since = self._waiting.get(source, (None, now))
                waiting[source] = (position, since if last_position == position else now)
        self._waiting = waiting
        return [
            source
            for source, (_, since) in waiting.items()
            if now - since >= self._patience_seconds
        ]

    def waiting(self, now: float, seconds: float) -> dict[TopicPartition, int]:
        """Return the positions of the partitions that made no progress for so many seconds."""
        return {
            source: position
            for source, (position, since) in self._waiting.items()
            if now - since >= seconds
        }

    def reset(self) -> None:
        """Begin anew: there was a reason to make no progress."""
        self._waiting.clear()
