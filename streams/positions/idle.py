"""Commits of lanes that have nothing to commit.

Behind the last record of a transactional topic lies the marker of its transaction, which is read
and never handled: without a commit behind it, a group that has read everything shows a lag for
ever. And Kafka forgets a transactional id after a week without a transaction
(``transactional.id.expiration.ms``).
"""

from collections.abc import Iterator, Mapping

from streams.core.consumer import ReadProgress
from streams.core.lease import Lease
from streams.core.record import TopicPartition

Sources = Mapping[TopicPartition, ReadProgress]


class IdleCommits:
    """Compares the progress of reading from one call to the next.

    A position counts only if it was the same a call before: what a fetch returned may be on its
    way to the pump.

    Attributes:
        keep_alive_seconds: The time without a commit after which one is made.
    """

    def __init__(self, keep_alive_seconds: float) -> None:
        self.keep_alive_seconds = keep_alive_seconds
        self._before: dict[TopicPartition, ReadProgress] = {}

    def due(
        self, progress: Sources, leases: Mapping[TopicPartition, Lease[object]], now: float
    ) -> Iterator[tuple[TopicPartition, int]]:
        """Yield the partitions to commit, each with the position to commit.

        ``now`` is in seconds, by the monotonic clock.
        """
        before, self._before = self._before, dict(progress)
        for source, read in progress.items():
            lease = leases.get(source)
            if lease is None or not lease.lane.is_idle or read.delivered > lease.position:
                continue
            if read.position > lease.position and before.get(source) == read:
                yield source, read.position
            elif now - lease.lane.last_commit >= self.keep_alive_seconds:
                yield source, lease.position
