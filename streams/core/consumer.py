"""The interface between a pump and the consumer that feeds it: Faust in a worker.

A log in memory feeds it in fast tests (`streams.testing.memory_consumer`). How to write another
consumer is told in docs/how-to/replace-the-consumer.md.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from streams.core.record import Record, TopicPartition


class Chunk(NamedTuple):
    """Records of one partition that were fetched together, in the order of their offsets.

    Attributes:
        source: The partition.
        records: The records, at least one.
        is_current_generation: Returns whether the consumer group has not rebalanced since the
            records were fetched.
        acknowledge: Is called once, when the records are committed or dropped.
    """

    source: TopicPartition
    records: Sequence[Record]
    is_current_generation: Callable[[], bool]
    acknowledge: Callable[[], None]


class ReadProgress(NamedTuple):
    """The state of reading one partition, counted in committed records.

    Attributes:
        position: The offset of the record to be read next.
        end: The offset after the last record that can be read now.
        delivered: The offset after the last record that was fetched for the pump; 0 before the
            first.
        stands_still: Whether it is known, and told, why nothing is read.
    """

    position: int
    end: int
    delivered: int = 0
    stands_still: bool = False


class Consumer(Protocol):
    """A member of one consumer group that fetches the records of a stage for its pump.

    Each implementation keeps six promises:

    * Hold. It calls `streams.core.lease.Leases.hold` with all partitions that the group assigns,
      waits for it, and only then goes to the positions of the leases.
    * Deliver. It hands `streams.core.pump.Pump.process` the committed records of each held
      partition from the lease's position on: in order, and without a gap within one generation of
      the group. After a rebalance it goes back to that position; the pump skips what was handled
      before.
    * Never jump. It asks `streams.core.lease.Leases.correct` where to go on when the log does not
      have an offset, and calls `streams.core.lease.Leases.verify` when a leader may have changed.
    * Pause. While `streams.core.pump.Pump.pause` is on it fetches nothing and stays in the group.
      When ``rewinds`` has risen it goes back to the positions of the leases, and what it fetched
      before is of no current generation.
    * Acknowledge. It lets a partition go only after the chunks it delivered were acknowledged, or
      after a time-out: what they became may still be on its way into a transaction.
    * Never commit. Offsets move in the transactions that carry the results.
    """

    async def run(self) -> None:
        """Join the group and feed the pump until `stop`.

        Raises:
            Exception: The consumer failed; the process must end.
        """

    async def read_progress(self) -> Mapping[TopicPartition, ReadProgress]:
        """Return the progress of each partition whose memory is recalled.

        The result is empty while the group rebalances and while Kafka is away.
        """

    def probe(self, source: TopicPartition, position: int) -> None:
        """Find out why nothing comes of ``source`` from ``position`` on, where records wait."""

    async def stop(self) -> None:
        """Leave the group. The pump gets nothing after this returns."""
