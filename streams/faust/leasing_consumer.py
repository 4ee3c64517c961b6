"""Faust's consumer, with our transactions in place of its commits.

Faust stays in its at-least-once mode and does what it does well: group membership, agents,
supervision. Its exactly-once mode is not used: it picks the transaction from the destination
partition, commits offsets in another one and never aborts. The changes are:

* source partitions are leased before Faust reads the committed offsets: fence first, read after;
* all records that one fetch returned for a partition become one message, since Faust spends about
  100 microseconds on each;
* it goes to the positions of the leases, which may differ from the committed offsets
  (`streams.positions.resume`), and never to another place by itself;
* consumers read committed records only, and a batch that can't be decoded stops its own partition
  alone (`streams.batches.guarded_fetch`);
* when the group rebalances, what was fetched and is not handled yet is given back;
* Faust never commits: a late plain commit could move an offset back behind a transaction.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from aiokafka.errors import (
    IllegalStateError,
    KafkaConnectionError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage, Message

from streams.core.errors import LogTruncated, report_failure
from streams.core.record import Record, TopicPartition
from streams.faust.consumer_thread import ConsumerThread, Route

if TYPE_CHECKING:
    from streams.faust.transport import Transport

_MILLISECONDS = 1_000
_QUIET_SECONDS = 0.2
"""After this time without records it is no use to gather."""
_FULL_SECONDS = 1.0
"""The time between two looks, while there is no room, at whether the group rebalances."""
_PAUSE_CHECK_SECONDS = 0.1
"""The time between two looks at whether a pause is over."""


class Fetched(NamedTuple):
    """All records that one fetch returned for one partition.

    ``rewinds`` is how often positions had gone back before (`streams.core.backpressure`).
    """

    records: Sequence[Record]
    rewinds: int


class LeasingConsumer(driver.Consumer):
    """A Faust consumer whose offsets are moved by transactions, never by itself."""

    transport: "Transport"
    _thread: ConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._delivered: dict[TP, int] = {}
        self._routes: dict[TP, Route] = {}
        self._rewinds = 0
        self._room = asyncio.Event()

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Take the leases, then let Faust go to the committed offsets."""
        sources = {TopicPartition(*tp) for tp in assigned}
        self.transport.unreadable.keep(sources)
        with report_failure(self.transport.on_failure):
            await self.transport.leases.hold(sources)
        await super().on_partitions_assigned(assigned, generation_id)

    @property
    def delivered(self) -> Mapping[TP, int]:
        """The offsets after the last records that were fetched since the last seek."""
        return self._delivered

    def positions(self, tps: Collection[TP]) -> Mapping[TP, int]:
        """Return the next offset of each of the partitions that has one by now."""
        return self._thread.positions(tps)

    @property
    def has_ended(self) -> bool:
        """Whether its thread has ended, so that it can't be asked any more."""
        return self._thread.thread_loop.is_closed()

    def probe(self, tp: TP, position: int) -> None:
        """Look at what the broker has at ``position``, from which on nothing comes."""
        self._thread.probe(tp, position)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go to the positions of the leases."""
        leases = self.transport.leases.held
        positions = {
            tp: lease.position
            for tp in self.assignment()
            if (lease := leases.get(TopicPartition(*tp)))
        }
        delivered, self._delivered = self._delivered, {}
        try:
            await self.seek_wait(positions)
        except BaseException:  # else what was given back would count as read (`IdleCommits`)
            self._delivered = delivered | self._delivered
            raise
        return positions

    def on_buffer_drop(self, tp: TP) -> None:
        """Fetch from the partition again: what was fetched has been taken over."""
        super().on_buffer_drop(tp)
        self._room.set()

    async def _wait_next_records(
        self,
        timeout: float,  # noqa: ASYNC109 - Faust's signature
    ) -> tuple[Mapping[TP, list[Any]] | None, set[TP] | None]:
        """Fetch as soon as a partition has room again; Faust looks once a second."""
        while self.flow_active and self._is_full() and not self.should_stop:
            self._room.clear()
            await self.wait_first(self._room.wait(), timeout=_FULL_SECONDS)
        records: tuple[Mapping[TP, list[Any]] | None, set[TP] | None]
        records = await super()._wait_next_records(timeout)
        return records

    def _is_full(self) -> bool:
        """Return whether there is a partition to fetch, and none has room."""
        return bool(self._buffered_partitions) and not self._get_active_partitions()

    async def _getmany(
        self,
        active_partitions: set[TP] | None,
        timeout: float,  # noqa: ASYNC109 - Faust's signature
    ) -> Mapping[TP, list[Any]]:
        """Fetch, and return one `Fetched` for each partition that has records."""
        if self._waits_for_resumption():
            await asyncio.sleep(_PAUSE_CHECK_SECONDS)
            return {}
        rewinds = self.transport.pause.rewinds
        if self._rewinds != rewinds:
            with suppress(IllegalStateError):  # the group rebalances: the next call tries again
                await self.seek_to_committed()
                self._rewinds = rewinds
            return {}
        quiet = self.loop.call_later(_QUIET_SECONDS, self._thread.listen)
        try:
            fetched = await super()._getmany(active_partitions, timeout)
        except OffsetOutOfRangeError as error:
            await self._correct(error.args[0])
            return {}
        except NoOffsetForPartitionError:
            with suppress(IllegalStateError):  # the group rebalances, and goes there later
                await self.seek_to_committed()
            return {}
        finally:
            quiet.cancel()
        if not await self._is_same_log(fetched):
            return {}
        if fetched:
            self._thread.gather()
            self._delivered |= {tp: records[-1].offset + 1 for tp, records in fetched.items()}
        return {tp: [Fetched(records, rewinds)] for tp, records in fetched.items() if records}

    async def wait_empty(self) -> None:
        """Wait for what is being handled; what waits for its turn is given back, and read again.

        A rebalance ends once all members are here: with a slow handler all would wait, for as long
        as the slowest takes for what it has fetched.
        """
        self.transport.pause.rewind()
        await super().wait_empty()

    def _waits_for_resumption(self) -> bool:
        """Return whether the stage pauses; tell the group that we are still there."""
        if self.transport.pause.is_on:
            self._thread.note_activity()
        return self.transport.pause.is_on

    async def _is_same_log(self, fetched: Collection[TP]) -> bool:
        """Return whether records may be handled that were fetched.

        A broker that was restarted, or another leader, may have lost what was handled before. The
        log can be longer again by now, so that no fetch fails.
        """
        routes = self._thread.routes(fetched)
        if changed := [tp for tp, route in routes.items() if self._routes.get(tp, route) != route]:
            try:
                await self.transport.leases.verify([TopicPartition(*tp) for tp in changed])
            except LogTruncated as error:
                self.transport.on_failure(error)
                return False
            except KafkaError:  # Kafka is away again: the records will be fetched again
                with suppress(IllegalStateError):
                    await self.seek_to_committed()
                return False
        self._routes |= routes
        return True

    async def _correct(self, positions: Mapping[TP, int]) -> None:
        """Go to offsets that the log has, where there are any."""
        leases = self.transport.leases
        with report_failure(self.transport.on_failure), suppress(KafkaConnectionError):
            for tp, position in positions.items():
                await self.seek_wait({tp: await leases.correct(TopicPartition(*tp), position)})

    def _to_message(self, tp: TP, record: Fetched) -> ConsumerMessage:
        """Return one message for all records of a fetch, with that fetch as its value."""
        last = record.records[-1]
        return ConsumerMessage(
            last.topic,
            last.partition,
            last.offset,
            last.timestamp / _MILLISECONDS,
            timestamp_type=0,
            headers=[],
            key=None,
            value=cast("Any", record),
            checksum=None,
            tp=tp,
            generation_id=self.app.consumer_generation_id,
        )

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
