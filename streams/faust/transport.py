"""Faust's transport, with our transactions in place of its commits.

Faust stays in its at-least-once mode and does what it does well: group membership, agents,
supervision. Its exactly-once mode is not used: it picks the transaction from the destination
partition, commits offsets in another one and never aborts. What changes here:

* source partitions are leased before Faust reads the committed offsets: fence first, read after;
* all records that one fetch returned for a partition become one message, since Faust spends about
  100 microseconds on each;
* consumers read committed records only;
* Faust never commits: a late plain commit could move an offset back behind a transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage, Message

from streams.core.lease import Leases
from streams.core.record import Record, TopicPartition

_FETCH_BYTES = 1 << 20
"""Enough to answer a fetch at once, as a backlog does."""
_QUIET_SECONDS = 0.2
"""Without records, after which it is no use to gather."""
_LISTEN_MS = 500


class Fetched(NamedTuple):
    """All records that one fetch returned for one partition."""

    records: Sequence[Record]


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Reads committed records only, as Faust does in its own exactly-once mode alone.

    The broker gathers for ``fetch_wait`` what it answers a fetch with: with Faust's setting it
    answers at the first byte, so a thousand small messages a second are a thousand fetches. When
    nothing comes, there is nothing to gather, and asking forty times a second would cost broker
    and worker some percent of a core each: then it answers at the first byte, or after a while.
    """

    def listen(self) -> None:
        """Nothing comes: have the first byte that does answered at once."""
        self._ask(1, _LISTEN_MS)

    def gather(self) -> None:
        """Records come: have them gathered."""
        self._ask(_FETCH_BYTES, int(cast("Transport", self.transport).fetch_wait * 1_000))

    def _ask(self, least: int, longest: int) -> None:
        # Plain numbers that the fetcher's thread reads when it makes its next request.
        fetcher = self._ensure_consumer()._fetcher  # noqa: SLF001 - there is no public way
        fetcher._fetch_min_bytes, fetcher._fetch_max_wait_ms = least, longest  # noqa: SLF001 - as above

    def _create_worker_consumer(self, transport: driver.Transport) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - read when it starts
        consumer._fetch_min_bytes = _FETCH_BYTES  # noqa: SLF001 - read when it starts
        consumer._fetch_max_wait_ms = int(cast("Transport", transport).fetch_wait * 1_000)  # noqa: SLF001 - as above
        return consumer


class Consumer(driver.Consumer):
    """A consumer whose offsets are moved by transactions, never by itself."""

    transport: "Transport"
    _thread: ConsumerThread

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Take the leases, then let Faust go to the committed offsets."""
        try:
            await self.transport.leases.hold([TopicPartition(*tp) for tp in assigned])
        except Exception as error:  # noqa: BLE001 - a lease that can't be had ends the process
            self.transport.on_failure(error)
        await super().on_partitions_assigned(assigned, generation_id)

    async def _getmany(
        self,
        active_partitions: set[TP] | None,
        timeout: float,  # noqa: ASYNC109 - Faust's signature
    ) -> Mapping[TP, list[Any]]:
        listening = self.loop.call_later(_QUIET_SECONDS, self._thread.listen)
        fetched = await super()._getmany(active_partitions, timeout)
        listening.cancel()
        if fetched:
            self._thread.gather()
        return {tp: [Fetched(records)] for tp, records in fetched.items() if records}

    def _to_message(self, tp: TP, record: Fetched) -> ConsumerMessage:
        message: Any = super()._to_message(tp, record.records[-1])
        message.key, message.value, message.headers = None, record.records, []
        return cast("ConsumerMessage", message)

    def ack(self, message: Message) -> bool:
        """Mark the chunk as done; rebalances wait for those that are not."""
        if message.acked:
            return False
        message.acked = True
        self._unacked_messages.discard(message)
        if self._waiting_for_ack is not None and not self._waiting_for_ack.done():
            self._waiting_for_ack.set_result(None)
        return True

    async def commit(self, *_: Any, **__: Any) -> bool:
        """Do nothing: offsets are committed by the transactions that carry the results."""
        return False

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Do nothing: only Faust's own commits would ever empty its list of gaps."""


class Transport(driver.Transport):
    """Faust's Kafka transport, with leases."""

    Consumer = Consumer
    leases: Leases
    fetch_wait: float
    on_failure: Callable[[BaseException], None]
