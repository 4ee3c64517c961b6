"""The thread in which Faust's consumer runs: what it reads, how, and what it can't."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from aiokafka.client import ConnectionGroup
from aiokafka.errors import KafkaError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.batches.guarded_fetch import GuardedFetches, guard_fetches
from streams.core.errors import Fenced, UnreadableBatch
from streams.core.record import TopicPartition
from streams.monitoring.guarded_connections import GuardedConnections
from streams.positions.group_offsets import guard_offsets

if TYPE_CHECKING:
    from streams.faust.transport import Transport

_GATHERED_BYTES = 1 << 20
"""A fetch of this size is answered at once, as it is while a backlog is read."""
_MAX_FETCHED_BYTES = 4 << 20
"""Bytes of all partitions that the broker may answer with, however many partitions there are."""
_LISTEN_MS = 500
"""The longest wait for the first byte of a quiet partition."""
_UNREADABLE_SECONDS = 2.0
"""The time between two fetches of a batch that can't be read."""

Route = tuple[int | None, object]
"""The leader of a partition, and the connection to it: another one after each restart."""


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Reads committed records only, which Faust does in its own exactly-once mode alone.

    The broker gathers records for ``fetch_wait_ms`` before it answers a fetch. With Faust's
    setting it answers at the first byte, so a thousand small messages a second are a thousand
    fetches. When no records come, there is nothing to gather, and asking forty times a second would
    cost broker and worker some percent of a core each: then the broker answers at the first byte,
    or after half a second.
    """

    _fetches: GuardedFetches
    connections: GuardedConnections

    async def on_start(self) -> None:
        """Start the consumer, as Faust does, and guard what it reads."""
        await super().on_start()
        consumer, report = self._ensure_consumer(), self._report_unreadable
        self._fetches = guard_fetches(consumer, report, has_gaps=False)
        guard_offsets(consumer)

    def probe(self, tp: TP, position: int) -> None:
        """Look at what the broker has at ``position``, from which on nothing comes."""
        self.thread_loop.call_soon_threadsafe(self._fetches.probe, tp, position)

    async def _report_unreadable(self, tp: TP, batch: UnreadableBatch | None) -> bool:
        """Return whether to fetch the batch again: nobody has gone past it."""
        transport, source = cast("Transport", self.transport), TopicPartition(*tp)
        if batch is None:
            transport.unreadable.remove(source)
            return True
        transport.unreadable.add(source, batch)
        with suppress(KafkaError):
            committed = await self._ensure_consumer().committed(tp) or 0
            if committed > batch.begin:
                skipped = Fenced(
                    f"{source.topic}-{source.partition} was moved past the batch at offset "
                    f"{batch.begin} that can't be read: starting again goes on at {committed}"
                )
                self.consumer.loop.call_soon_threadsafe(transport.on_failure, skipped)
                return False
        await asyncio.sleep(_UNREADABLE_SECONDS)
        return True

    def positions(self, tps: Collection[TP]) -> dict[TP, int]:
        """Return the next offset of each of the partitions that has one by now.

        aiokafka's own `position` waits for it, in one of the two places in which this thread does
        what it is asked. Two that wait keep out the seek that would give them what they wait for.
        """
        subscription = self._ensure_consumer()._subscription.subscription  # noqa: SLF001 - no public way
        assignment = subscription and subscription.assignment
        states = {tp: assignment.state_value(tp) for tp in tps} if assignment else {}
        return {
            tp: position
            for tp, state in states.items()
            if state and (position := state._position) is not None  # noqa: SLF001 - as above
        }

    def note_activity(self) -> None:
        """Count as one who reads: aiokafka leaves the group after a while without a fetch."""
        self.thread_loop.call_soon_threadsafe(self._note_activity)

    def _note_activity(self) -> None:
        with self._ensure_consumer()._subscription.fetch_context():  # noqa: SLF001 - no public way
            pass

    def listen(self) -> None:
        """Have the broker answer at the first byte: no records come."""
        self._set_fetch(1, _LISTEN_MS)

    def gather(self) -> None:
        """Have the broker gather records: some are coming.

        While transactions wait for others, a fetch may wait for half of that too.
        """
        transport = cast("Transport", self.transport)
        pause_ms = int(transport.leases.pace.pause * 1_000)
        self._set_fetch(_GATHERED_BYTES, max(transport.fetch_wait_ms, pause_ms // 2))

    def routes(self, tps: Collection[TP]) -> dict[TP, Route]:
        """Return the leader of each partition, and the connection by which it is read."""
        client = self._ensure_consumer()._client  # noqa: SLF001 - there is no public way
        leaders = {tp: client.cluster.leader_for_partition(tp) for tp in tps}
        connections = client._conns  # noqa: SLF001 - as above
        return {
            tp: (leader, connections.get((leader, ConnectionGroup.DEFAULT)))
            for tp, leader in leaders.items()
        }

    def _set_fetch(self, min_bytes: int, max_wait_ms: int) -> None:
        # Plain numbers that the fetcher's thread reads when it makes its next request.
        fetcher = self._ensure_consumer()._fetcher  # noqa: SLF001 - there is no public way
        fetcher._fetch_min_bytes = min_bytes  # noqa: SLF001 - as above
        fetcher._fetch_max_wait_ms = max_wait_ms  # noqa: SLF001 - as above

    def _create_worker_consumer(self, transport: driver.Transport) -> Any:
        consumer = super()._create_worker_consumer(transport)
        self.connections = GuardedConnections(consumer._client)  # noqa: SLF001 - there is no public way
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - read when it starts
        # An offset that the log does not have is an error, instead of a jump to its beginning.
        consumer._auto_offset_reset = "none"  # noqa: SLF001 - read when it starts
        consumer._fetch_min_bytes = _GATHERED_BYTES  # noqa: SLF001 - read when it starts
        consumer._fetch_max_bytes = _MAX_FETCHED_BYTES  # noqa: SLF001 - read when it starts
        consumer._fetch_max_wait_ms = cast("Transport", transport).fetch_wait_ms  # noqa: SLF001 - as above
        return consumer
