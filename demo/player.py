"""A player that sends the feed to news.raw, with event time many times faster than the clock."""

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

_MAX_REQUEST_BYTES = 2 << 20
"""The feed has bodies of 1 MB, which is the client's default limit."""


def schedule(sent: Sequence[Sent], seconds: float) -> list[float]:
    """Return the time to send each record, in seconds after the start, at most ``seconds``.

    The times are proportional to event time. A copy, whose event time has passed, and a record
    without a time are sent together with the record before them.
    """
    times = [record.published for record in sent if record.published]
    first, last = min(times), max(times)
    scale = seconds / ((last - first).total_seconds() or 1.0)
    due, now = [], 0.0
    for record in sent:
        if record.published:
            now = max(now, (record.published - first).total_seconds() * scale)
        due.append(now)
    return due


class Player:
    """Sends records in order, to each partition in turn.

    Attributes:
        published: Number of records that the broker has acknowledged.
        heads: The offset after the last acknowledged record, by partition.
        event_time: The time of the last article sent.
    """

    def __init__(self, cluster: Cluster, sent: Sequence[Sent], seconds: float) -> None:
        self._cluster = cluster
        self._sent = sent
        self._seconds = seconds
        self._topic = cluster.topic(RAW.topic)
        self.published = 0
        self.heads: dict[TopicPartition, int] = {}
        self.event_time: datetime | None = None

    @property
    def total(self) -> int:
        """Number of records to send."""
        return len(self._sent)

    async def play(self) -> None:
        """Send all records and wait until the broker has acknowledged them.

        Raises:
            aiokafka.errors.KafkaError: The broker refused a record.
        """
        producer = AIOKafkaProducer(
            **client_options(self._cluster),
            enable_idempotence=True,
            max_request_size=_MAX_REQUEST_BYTES,
        )
        loop = asyncio.get_running_loop()
        acks: list[asyncio.Future[Any]] = []
        try:
            await producer.start()
            start = loop.time()
            due = schedule(self._sent, self._seconds)
            for i, (record, seconds) in enumerate(zip(self._sent, due, strict=True)):
                if (wait := start + seconds - loop.time()) > 0:
                    await asyncio.sleep(wait)
                ack: asyncio.Future[Any] = await producer.send(
                    self._topic,
                    record.value,
                    record.key,
                    partition=i % self._cluster.partitions,
                    headers=record.headers,
                )
                ack.add_done_callback(self._count_acknowledged)
                if record.kind == "article":
                    self.event_time = record.published
                acks.append(ack)
            await asyncio.gather(*acks)
        finally:
            await producer.stop()

    def _count_acknowledged(self, ack: asyncio.Future[Any]) -> None:
        if not ack.cancelled() and ack.exception() is None:
            metadata = ack.result()
            self.published += 1
            self.heads[TopicPartition(metadata.topic, metadata.partition)] = metadata.offset + 1
