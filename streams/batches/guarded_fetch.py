"""Keep one batch that aiokafka can't decode from stopping all that is fetched.

aiokafka decodes while it hands records on. An error there throws away what was taken of other
partitions, and says not where it is. So the fetcher's results are guarded: what can be read before
the place is handed on, the partition is paused there, and the batch is fetched again, undecoded.
What was changed on the way is then well; what `streams.batches.batch_content` can decode is handed
on in its place; anything else is reported.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import FetchError, FetchResult, PartitionRecords
from aiokafka.errors import CorruptRecordException, KafkaError, UnknownError, for_code
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.structs import ConsumerRecord

from streams.batches.batch_content import BrokenBatch, decode_batch
from streams.batches.batch_order import Order, OrderedBatches, Span
from streams.batches.fetched_record import fetched_record
from streams.batches.raw_batches import fetch_raw
from streams.core.errors import UnreadableBatch

_ATTEMPTS: Final = 3
"""The number of fetches after which bytes count as broken where they are stored."""
_PAUSE_SECONDS: Final = 0.3
_HANDED_ON_SECONDS: Final = 0.1
"""The time after which aiokafka fetches other partitions although this one has records."""
_FILE_BROKEN: Final = (
    "the broker can't read its own file, in which bytes have changed; with another replica, stop "
    "that broker, delete the partition's folder there and start it"
)

_OFFSET_CHANGED: Final = (
    "its offset has changed on the broker's disk (it is not part of the checksum), so that its "
    "records would be missed; with another replica, stop the broker that leads the partition, "
    "delete the partition's folder there and start it"
)

OnUnreadable = Callable[[KafkaPartition, UnreadableBatch | None], Awaitable[bool]]
"""Receives what can't be read, and None once it can; returns whether to try again."""


async def read_batch(
    client: AIOKafkaClient, source: KafkaPartition, offset: int, *, has_gaps: bool = False
) -> tuple[list[ConsumerRecord], int]:
    """Return the records of the batch that has ``offset``, from there on, and the offset after it.

    Both are empty at the end of the log: no records, and ``offset``. The offsets of a compacted
    topic have gaps.

    Raises:
        UnreadableBatch: The batch can't be decoded, or the broker can't read its own file.
        KafkaError: The broker does not answer.
    """
    topic, partition = source
    try:
        fetched = await fetch_raw(client, source, offset)
    except (CorruptRecordException, UnknownError) as error:
        end = await _next_readable(client, source, offset)
        raise UnreadableBatch(topic, partition, offset, end, _FILE_BROKEN) from error
    if not fetched.batches:
        if fetched.last_stable <= offset:
            return [], offset
        end = await _next_readable(client, source, offset)
        raise UnreadableBatch(topic, partition, offset, end, _FILE_BROKEN)
    order = Order(has_gaps, await _end(client, source))
    spans = [Span(raw.begin, raw.end) for raw in fetched.batches]
    index = order.choose(spans, offset)
    if index is None:
        raise UnreadableBatch(
            topic, partition, offset, order.resume(spans, offset), _OFFSET_CHANGED
        )
    batch = fetched.batches[index]
    try:
        records = decode_batch(topic, partition, batch, dict(fetched.aborted))
    except BrokenBatch as error:
        raise UnreadableBatch(topic, partition, offset, batch.end, str(error)) from error
    return [record for record in records if record.offset >= offset], batch.end


async def _next_readable(client: AIOKafkaClient, source: KafkaPartition, offset: int) -> int:
    """Return the first offset after ``offset`` from which on the broker gives batches.

    It is the end of what is committed if there are none. The broker finds a batch by an index that
    has an entry every few KiB, so all that lies between two entries is lost together.
    """
    end = (await fetch_raw(client, source, await _end(client, source), wait_ms=0)).last_stable
    low, high, step = offset, offset + 1, 1
    while high < end and not await _is_readable(client, source, high):
        low, step = high, step * 2
        high = min(high + step, end)
    while high - low > 1:
        middle = (low + high) // 2
        if await _is_readable(client, source, middle):
            high = middle
        else:
            low = middle
    return high


async def _end(client: AIOKafkaClient, source: KafkaPartition) -> int:
    request = OffsetRequest(-1, 0, [(source.topic, [(source.partition, -1)])])
    node = client.cluster.leader_for_partition(source)
    ((_, ((_, code, *_, end),)),) = (await client.send(node, request)).topics
    if code:
        raise for_code(code)(source)
    return int(end)


async def _is_readable(client: AIOKafkaClient, source: KafkaPartition, offset: int) -> bool:
    try:
        return bool((await fetch_raw(client, source, offset, wait_ms=0)).batches)
    except (CorruptRecordException, UnknownError):
        return False


class _Decoded:
    """Stands for aiokafka's ``PartitionRecords``: records that are decoded already."""

    def __init__(self, records: Sequence[ConsumerRecord], begin: int, end: int) -> None:
        self.next_fetch_offset = begin
        self._iterator = self._hand_on(records, end)

    def __iter__(self) -> Iterator[ConsumerRecord]:
        return self._iterator

    def __next__(self) -> ConsumerRecord:
        return next(self._iterator)

    def _hand_on(self, records: Sequence[ConsumerRecord], end: int) -> Iterator[ConsumerRecord]:
        for record in records:
            self.next_fetch_offset = record.offset + 1
            yield record
        self.next_fetch_offset = end


class GuardedFetches(OrderedDict[KafkaPartition, Any]):
    """Stands for the results of aiokafka's fetcher, by partition, and guards each of them."""

    def __init__(
        self, consumer: AIOKafkaConsumer, on_unreadable: OnUnreadable | None, *, has_gaps: bool
    ) -> None:
        super().__init__()
        self._consumer = consumer
        self._on_unreadable = on_unreadable
        self._has_gaps = has_gaps
        self._tasks: set[asyncio.Task[None]] = set()

    def __setitem__(self, source: KafkaPartition, result: Any) -> None:
        """Keep ``result``, guarded."""
        if type(result) is FetchResult:
            records = result._partition_records  # noqa: SLF001 - there is no public way
            if type(records) is PartitionRecords:
                iterator = records._records_iterator  # noqa: SLF001 - as above
                records._consumer_record = fetched_record  # noqa: SLF001 - as above
                state = result._assignment.state_value(source)  # noqa: SLF001 - as above
                order, position = Order(self._has_gaps, state.highwater), records.next_fetch_offset
                records._records = OrderedBatches(records._records, order, position)  # noqa: SLF001 - as above
                records._records_iterator = self._guard(source, records, iterator)  # noqa: SLF001 - as above
        super().__setitem__(source, result)

    def probe(self, source: KafkaPartition, offset: int) -> None:
        """Read ``source`` in another way: nothing comes from ``offset``, and records wait there."""
        assignment = self._consumer._subscription.subscription.assignment  # noqa: SLF001 - there is no public way
        if assignment and source in assignment.tps and source not in self:
            state = assignment.state_value(source)
            if state.has_valid_position and state.position == offset and not state.paused:
                self._pass_by(source, offset)

    def _guard(
        self, source: KafkaPartition, records: PartitionRecords, iterator: Iterator[Any]
    ) -> Iterator[Any]:
        begin = records.next_fetch_offset
        try:
            yield from iterator
        except Exception:  # noqa: BLE001 - codecs have errors of their own
            # What was read is handed on; the next fetch begins where it ends.
            if records.next_fetch_offset == begin:
                self._pass_by(source, begin)

    def _pass_by(self, source: KafkaPartition, offset: int) -> None:
        """Pause ``source``, and read the batch at ``offset`` in another way."""
        assignment = self._consumer._subscription.subscription.assignment  # noqa: SLF001 - as above
        assignment.state_value(source).pause()
        task = asyncio.get_running_loop().create_task(self._read_again(assignment, source, offset))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read_again(self, assignment: Any, source: KafkaPartition, offset: int) -> None:
        state, failures = assignment.state_value(source), 0
        while assignment.active and state.position == offset and state.paused:
            try:
                client = self._consumer._client  # noqa: SLF001 - as above
                records, end = await read_batch(client, source, offset, has_gaps=self._has_gaps)
            except UnreadableBatch as error:
                failures += 1
                if failures >= _ATTEMPTS and not await self._report(source, error):
                    break
            except KafkaError:
                failures = 0
            else:
                if failures >= _ATTEMPTS:
                    await self._report(source, None)
                if end > offset and state.position == offset and assignment.active:
                    self._hand_on(assignment, source, _Decoded(records, offset, end))
                break
            await asyncio.sleep(_PAUSE_SECONDS)
        state.resume()

    async def _report(self, source: KafkaPartition, error: UnreadableBatch | None) -> bool:
        """Return whether to try again. Without anybody to tell, the next read raises the error."""
        if self._on_unreadable:
            return await self._on_unreadable(source, error)
        self[source] = FetchError(error=error, backoff=_HANDED_ON_SECONDS)
        self._wake()
        return False

    def _hand_on(self, assignment: Any, source: KafkaPartition, records: _Decoded) -> None:
        self[source] = FetchResult(
            source, assignment=assignment, partition_records=records, backoff=_HANDED_ON_SECONDS
        )
        self._wake()

    def _wake(self) -> None:
        fetcher = self._consumer._fetcher  # noqa: SLF001 - as above
        for waiter in list(fetcher._fetch_waiters):  # noqa: SLF001 - as above
            fetcher._notify(waiter)  # noqa: SLF001 - as above


def guard_fetches(
    consumer: AIOKafkaConsumer, on_unreadable: OnUnreadable | None = None, *, has_gaps: bool = True
) -> GuardedFetches:
    """Guard what a started ``consumer`` fetches.

    Without ``on_unreadable``, the consumer raises `UnreadableBatch`. The offsets of topics have
    gaps if these may be compacted.
    """
    guarded = GuardedFetches(consumer, on_unreadable, has_gaps=has_gaps)
    consumer._fetcher._records = guarded  # noqa: SLF001 - there is no public way
    return guarded
