"""Kafka as the log that stages read; they write through `streams.kafka.kafka_session`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NodeNotReadyError,
    RequestTimedOutError,
)

from streams.batches.leader_epochs import find_leader_change
from streams.batches.transaction_batch import BATCH_BYTES
from streams.core.log import Bounds
from streams.core.record import Record, TopicPartition
from streams.growth.layout_guard import LayoutGuard
from streams.kafka.cluster import Cluster
from streams.kafka.connection import (
    client_options,
    close_within,
    committed_reader,
    new_admin,
    new_client,
    new_consumer,
    started,
)
from streams.kafka.kafka_session import (
    CLOSE_SECONDS,
    KafkaSession,
    shown,
    transactional_id,
)
from streams.kafka.reading import read_at, scan
from streams.kafka.transactional_producer import TransactionalProducer
from streams.monitoring.progress import Progress
from streams.positions.group_offsets import LOADING, group_offsets

REQUEST_BYTES = 16 * 1024 * 1024
_RETRY_MS = 10
"""Kafka 4 answers the first produce of a transaction that follows at once on another with a
retriable error; with aiokafka's default of 100 ms each of these would cost that much latency."""
_REQUEST_MS = 20_000
"""A request that is not answered by then goes out again, over a new connection."""
AWAY: Final = (
    KafkaConnectionError,
    KafkaTimeoutError,
    NodeNotReadyError,
    RequestTimedOutError,
    OSError,
)
"""What a client raises that finds no broker; once connected, it goes on trying by itself."""
_NOT_YET: Final = (*AWAY, *LOADING)
_AGAIN_SECONDS: Final = 0.5
_OPEN_TRANSACTION = (
    "a transaction of a worker that died may be open before the end of what is read: it ends "
    "within NEWSQUAKE_KAFKA__TRANSACTION_TIMEOUT, or at once when that agent starts again"
)


_T = TypeVar("_T")


class KafkaLog:
    """See ``streams.core.log.Log``.

    What finds no broker is asked again until there is one, if ``progress`` shows what is waited
    for; else it fails at once.
    """

    def __init__(
        self,
        cluster: Cluster,
        progress: Progress | None = None,
        guard: LayoutGuard | None = None,
    ) -> None:
        self._cluster = cluster
        self._not_yet = _NOT_YET if progress else ()
        self._progress = progress or Progress()
        self._guard = guard

    async def _ask(self, ask: Callable[[], Awaitable[_T]]) -> _T:
        """Return the answer, as soon as there is a broker to give it."""
        while True:
            try:
                return await ask()
            except self._not_yet:
                await asyncio.sleep(_AGAIN_SECONDS)

    async def open(self, group: str, source: TopicPartition) -> "KafkaSession":
        """See ``streams.core.log.Log``."""
        with self._progress.waiting_for(f"the lease of {shown(source)}: a transactional producer"):
            producer = await self._ask(partial(self._start_producer, group, source))
            if self._guard:
                await self._ask(self._guard.check)
        layout = self._guard.layout if self._guard else None
        return KafkaSession(producer, self._cluster, self._progress, group, source, layout)

    async def _start_producer(self, group: str, source: TopicPartition) -> TransactionalProducer:
        producer = TransactionalProducer(
            **client_options(self._cluster),
            transactional_id=transactional_id(group, source),
            transaction_timeout_ms=int(self._cluster.transaction_timeout * 1_000),
            max_batch_size=BATCH_BYTES,
            max_request_size=REQUEST_BYTES,
            retry_backoff_ms=_RETRY_MS,
            request_timeout_ms=_REQUEST_MS,
        )
        try:
            await producer.start()
        except KafkaError:
            await close_within(producer.stop(), CLOSE_SECONDS)
            raise
        return producer

    async def committed(self, group: str, source: TopicPartition) -> int:
        """See ``streams.core.log.Log``."""
        partition = KafkaPartition(*source)

        async def ask() -> int:
            async with started(committed_reader(self._cluster, group)) as reader:
                reader.assign([partition])
                return await reader.committed(partition) or 0

        with self._progress.waiting_for(f"the committed offset of {shown(source)}", source.topic):
            return await self._ask(ask)

    async def bounds(self, source: TopicPartition) -> Bounds:
        """See ``streams.core.log.Log``."""
        partition = KafkaPartition(*source)

        async def ask() -> Bounds:
            async with started(new_consumer(self._cluster)) as reader:
                starts = await reader.beginning_offsets([partition])
                ends = await reader.end_offsets([partition])
            return Bounds(starts[partition], ends[partition])

        with self._progress.waiting_for(f"the bounds of {shown(source)}", source.topic):
            return await self._ask(ask)

    async def note(self, group: str, source: TopicPartition) -> str:
        """See ``streams.core.log.Log``."""
        partition = KafkaPartition(*source)

        async def ask() -> str:
            admin = new_admin(self._cluster)
            try:
                await admin.start()
                offsets = await group_offsets(admin, group, [partition])
            finally:
                await admin.close()
            return str(offsets[partition].metadata) if partition in offsets else ""

        with self._progress.waiting_for(f"the note beside the offset of {shown(source)}"):
            return await self._ask(ask)

    async def scan(
        self,
        source: TopicPartition,
        begin: int = 0,
        end: int | None = None,
        *,
        pass_unreadable: bool = False,
        has_gaps: bool = True,
    ) -> AsyncIterator[Sequence[Record]]:
        """See ``streams.core.log.Log``."""
        key, what = object(), f"records of {shown(source)}"
        self._progress.begin(key, what, source.topic, problem=_OPEN_TRANSACTION)

        async def once() -> AsyncIterator[Sequence[Record]]:
            async with started(committed_reader(self._cluster, has_gaps=has_gaps)) as reader:
                records = scan(reader, source, begin, end, pass_unreadable=pass_unreadable)
                async for batch in records:
                    yield batch

        try:
            is_read = False
            while not is_read:
                try:
                    async for records in once():
                        self._progress.end(key)
                        begin = records[-1].offset + 1 if records else begin
                        yield records
                        self._progress.begin(key, what, source.topic, problem=_OPEN_TRANSACTION)
                    is_read = True
                except self._not_yet:
                    await asyncio.sleep(_AGAIN_SECONDS)
        finally:
            self._progress.end(key)

    async def read_at(
        self, source: TopicPartition, offsets: Collection[int]
    ) -> Mapping[int, Record | None]:
        """See ``streams.core.log.Log``."""

        async def ask() -> Mapping[int, Record | None]:
            async with started(committed_reader(self._cluster, has_gaps=False)) as reader:
                return await read_at(reader, source, offsets)

        with self._progress.waiting_for(f"records of {shown(source)}", source.topic):
            return await self._ask(ask)

    async def leader_change(self, source: TopicPartition, begin: int, end: int) -> int | None:
        """See ``streams.core.log.Log``."""

        async def ask() -> int | None:
            client = new_client(self._cluster)
            try:
                await client.bootstrap()
                await client.set_topics([source.topic])
                return await find_leader_change(client, KafkaPartition(*source), begin, end)
            finally:
                await client.close()

        with self._progress.waiting_for(f"the leaders of {shown(source)}", source.topic):
            return await self._ask(ask)

    async def close(self) -> None:
        """See ``streams.core.log.Log``."""
