"""Replays the feed into news.raw, event time running many times faster than the clock."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaProducer

from demo.feed.generate import Sent
from schemas.channels import RAW
from streams.core.record import TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.connection import client_options

if TYPE_CHECKING:
    from datetime import datetime

_REQUEST_BYTES = 2 << 20  # the feed has bodies of 1 MB, the client's own limit


def schedule(sent: Sequence[Sent], seconds: float) -> list[float]:
    """When to send each record, in seconds from the start: event time, squeezed into ``seconds``.

    A copy, whose time is past, and a record without a time go with the one before them.
    """
    times = [item.published for item in sent if item.published]
    first, last = min(times), max(times)
    scale = seconds / ((last - first).total_seconds() or 1.0)
    offsets, now = [], 0.0
    for item in sent:
        if item.published:
            now = max(now, (item.published - first).total_seconds() * scale)
        offsets.append(now)
    return offsets


class Player:
    """Sends in the feed's order, to each partition in turn, and counts what the broker acked."""

    def __init__(self, cluster: Cluster, sent: Sequence[Sent], seconds: float) -> None:
        self._cluster = cluster
        self._sent = sent
        self._seconds = seconds
        self._topic = cluster.topic(RAW.topic)
        self.published = 0
        self.heads: dict[TopicPartition, int] = {}
        """The offset after the last acked record, by partition."""
        self.event_time: datetime | None = None

    @property
    def total(self) -> int:
        """Records there are to send."""
        return len(self._sent)

    async def play(self) -> None:
        """Send everything and wait until all of it is acked.

        Raises:
            aiokafka.errors.KafkaError: a record was refused.
        """
        producer = AIOKafkaProducer(
            **client_options(self._cluster),
            enable_idempotence=True,
            max_request_size=_REQUEST_BYTES,
        )
        try:
            await producer.start()
            await asyncio.gather(*await self._send_all(producer))
        finally:
            await producer.stop()

    async def _send_all(self, producer: AIOKafkaProducer) -> list[asyncio.Future[Any]]:
        loop = asyncio.get_running_loop()
        start, acks = loop.time(), []
        due = schedule(self._sent, self._seconds)
        for i, (item, at) in enumerate(zip(self._sent, due, strict=True)):
            if (wait := start + at - loop.time()) > 0:
                await asyncio.sleep(wait)
            acks.append(await self._send(producer, item, i % self._cluster.partitions))
        return acks

    async def _send(
        self, producer: AIOKafkaProducer, item: Sent, partition: int
    ) -> asyncio.Future[Any]:
        ack: asyncio.Future[Any] = await producer.send(
            self._topic, item.value, item.key, partition, headers=item.headers
        )
        ack.add_done_callback(self._acked)
        if item.kind == "article":
            self.event_time = item.published
        return ack

    def _acked(self, ack: asyncio.Future[Any]) -> None:
        if not ack.cancelled() and ack.exception() is None:
            done = ack.result()
            self.published += 1
            self.heads[TopicPartition(done.topic, done.partition)] = done.offset + 1
