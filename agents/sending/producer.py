"""A producer of articles for other programs.

::

    async with Producer(Cluster(bootstrap="kafka-1:9092")) as producer:
        ack = await producer.send({"headline": "ACME warns on profit", "published": "2026-03-03"})
        receipt = await ack
"""

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Self

from aiokafka.errors import KafkaError

from agents.sending.raw_record import RawRecord, Sender, raw_record
from schemas.article import Article
from schemas.channels import RAW
from schemas.incoming.profiles.profile import Profiles
from streams.batches.transaction_batch import BATCH_BYTES
from streams.core.errors import Misconfigured
from streams.kafka.cluster import Cluster
from streams.kafka.connection import close_within, new_producer
from streams.kafka.kafka_log import REQUEST_BYTES
from streams.monitoring.diagnosis import explain_failure
from streams.monitoring.tracing import Tracing, with_trace

if TYPE_CHECKING:
    from aiokafka import AIOKafkaProducer

MAX_IN_FLIGHT: Final = 10_000
"""Articles that are sent and not acknowledged, before `Producer.send` waits."""
_LINGER_MS: Final = 5
"""A batch waits so long for further articles."""
_REQUEST_MS: Final = 20_000
"""A request that is not answered by then is a failure of the cluster."""
_STOP_SECONDS: Final = 5.0
"""Time for the producer to close its connections."""


class Receipt(NamedTuple):
    """Kafka's acknowledgement of an article.

    Attributes:
        key: The identity of the article: the key under which the pipeline counts it.
        topic: The full name of the topic.
        partition: The partition that the record stands in.
        offset: The record's place there.
        warnings: What the pipeline will leave out of the article, or take otherwise.
    """

    key: str
    topic: str
    partition: int
    offset: int
    warnings: tuple[str, ...] = ()


class Producer:
    """Sends articles to `news.raw`: idempotent (KIP-98), acknowledged by all replicas in sync.

    Args:
        cluster: The Kafka cluster.
        source: The `ce_source` of the records: the program that sends.
        compression: The codec of batches; lz4 costs less time, gzip is understood by every client.
        max_in_flight: Articles that may be sent and not acknowledged; further ones wait.
        profiles: The profiles that articles may be read with; those that are shipped if None.
        tracing: Begins the trace of each article, within the span that is current where it is sent
            (`infra.telemetry.tracing.span_tracing`); None for no traces.
    """

    def __init__(  # noqa: PLR0913 - options, by name
        self,
        cluster: Cluster,
        *,
        source: str = "newsquake-producer",
        compression: Literal["gzip", "lz4"] | None = "lz4",
        max_in_flight: int = MAX_IN_FLIGHT,
        profiles: Profiles | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self._tracing = tracing
        self._cluster = cluster
        self._sender = Sender(source, "", profiles, cluster.topic(RAW.topic))
        self._room = asyncio.Semaphore(max_in_flight)
        self._pending: set[asyncio.Task[Receipt]] = set()
        self._failure: BaseException | None = None
        self._options = {
            "enable_idempotence": True,
            "acks": "all",
            "compression_type": compression,
            "linger_ms": _LINGER_MS,
            "max_batch_size": BATCH_BYTES,
            "max_request_size": REQUEST_BYTES,
            "request_timeout_ms": _REQUEST_MS,
        }
        self._producer: AIOKafkaProducer | None = None

    @property
    def in_flight(self) -> int:
        """The number of articles that are sent and not acknowledged."""
        return len(self._pending)

    async def send(
        self, article: Mapping[str, Any] | Article, *, key: str = "", profile: str = ""
    ) -> Awaitable[Receipt]:
        """Send an article; return what can be awaited for its acknowledgement.

        Wait first while `max_in_flight` articles are not acknowledged. ``key`` is the article's
        identity, if the program knows a better one than its id, page or content. ``profile`` is
        the name of the profile that the pipeline reads it with.

        Raises:
            Refusal: The pipeline would set it aside; nothing is sent.
        """
        sender = self._sender._replace(profile=profile)
        record = raw_record(article, sender, datetime.now(UTC), key)
        ack = await self.send_record(record)
        ack.add_done_callback(self._remember_failure)
        return ack

    async def send_record(self, record: RawRecord) -> "asyncio.Task[Receipt]":
        """Send a record that was made before; see `send`. `flush` does not tell its failure."""
        await self._room.acquire()
        task = asyncio.create_task(self._send(record))
        self._pending.add(task)
        task.add_done_callback(self._forget)
        return task

    async def flush(self) -> None:
        """Wait until everything is acknowledged.

        Raises:
            Misconfigured: An article could not be written since the last call; the message says
                why.
        """
        await asyncio.gather(*self._pending, return_exceptions=True)
        failure, self._failure = self._failure, None
        if failure:
            raise failure

    async def __aenter__(self) -> Self:
        self._producer = new_producer(self._cluster, **self._options)
        try:
            await self._producer.start()
        except KafkaError as error:
            await self._stop()
            raise Misconfigured(await explain_failure(error, self._cluster)) from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                await self.flush()
        finally:
            await self._stop()

    async def _send(self, record: RawRecord) -> Receipt:
        topic = self._sender.topic
        if self._producer is None:
            raise Misconfigured("the producer is not started: use `async with Producer(…)`")
        headers, sending = list(record.headers), None
        if self._tracing:
            sending = self._tracing.start(f"send {topic}", [headers])
            headers = with_trace(headers, sending.traceparent)
        try:
            ack = await self._producer.send(
                topic, record.value, record.key.encode(), headers=headers
            )
            metadata = await ack
        except KafkaError as error:
            problem = await explain_failure(error, self._cluster, [topic])
            if sending:
                sending.end(problem)
            raise Misconfigured(problem) from error
        if sending:
            sending.end("")
        warnings = tuple(map(str, record.reading.warnings))
        return Receipt(record.key, topic, metadata.partition, metadata.offset, warnings)

    def _forget(self, task: "asyncio.Task[Receipt]") -> None:
        self._pending.discard(task)
        self._room.release()
        if not task.cancelled():
            task.exception()  # whoever awaits the acknowledgement, or `flush`, raises it

    def _remember_failure(self, task: "asyncio.Task[Receipt]") -> None:
        if not task.cancelled():
            self._failure = self._failure or task.exception()

    async def _stop(self) -> None:
        if self._producer is not None:
            await close_within(self._producer.stop(), _STOP_SECONDS)
