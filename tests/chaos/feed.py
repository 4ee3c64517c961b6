"""A producer of articles whose identities and subjects are known."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from agents.cluster_layout import ClusterLayout
from schemas.channels import RAW
from streams.kafka.partitioner import assign_partitions

COMPANIES = [f"CH{number:02}" for number in range(24)]
ARTICLES_PER_SECOND = 80
COPIES = 7
"""Every article whose number this divides is sent twice."""
MALFORMED = 50
"""After every so many articles comes a record that is no article."""
EVENT_SECONDS = 15
"""The event time between two articles: a bin of an hour holds 240."""
_START = datetime(2024, 1, 1, tzinfo=UTC)
_CLOSING = timedelta(days=60)
"""The last articles come so long after the others: all bins before are closed by them."""


class Sent(NamedTuple):
    """A record to send; the key of a malformed one is its identity too."""

    key: str
    value: bytes
    partition: int
    is_article: bool = True


class Feed:
    """Sends articles to all partitions of ``news.raw`` in turn until it is stopped.

    Attributes:
        acknowledged: The keys that the broker has acknowledged, malformed ones too.
        subjects: The subjects of each article.
        closing: The number of signals that will wait in the detector at the end.
    """

    def __init__(self, layout: ClusterLayout) -> None:
        self.acknowledged: set[str] = set()
        self.subjects: dict[str, tuple[str, ...]] = {}
        self.closing = 0
        self._layout = layout
        self._dice = random.Random(14)
        self._number = 0
        self._flows = asyncio.Event()
        self._flows.set()
        self._deliveries: set[asyncio.Task[None]] = set()
        self._producer: AIOKafkaProducer | None = None

    async def run(self) -> None:
        """Send until cancelled."""
        began, first = asyncio.get_running_loop().time(), self._number
        while True:
            if not self._flows.is_set():
                await self._flows.wait()
                began, first = asyncio.get_running_loop().time(), self._number
            for sent in self._next():
                self._deliver(sent)
            due = began + (self._number - first) / ARTICLES_PER_SECOND
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))

    async def pause(self) -> None:
        """Send nothing more, and wait for the acknowledgement of all that was sent."""
        self._flows.clear()
        while self._deliveries:
            await asyncio.wait(self._deliveries)
        if self._producer:
            with suppress(KafkaError):
                await self._producer.stop()
            self._producer = None

    def resume(self) -> None:
        """Send again, with another producer."""
        self._flows.set()

    def forget(self, key: str) -> None:
        """Expect nothing of a record that the broker lost before anybody read it."""
        self.acknowledged.discard(key)
        self.subjects.pop(key, None)

    async def close_bins(self) -> None:
        """Send an article of a later time along each lineage, so that all before are counted."""
        await self.pause()
        for sent in self._closing_articles():
            self._deliver(sent)
        await self.pause()

    def _next(self) -> Iterator[Sent]:
        number, self._number = self._number, self._number + 1
        partition = number % self._layout.partitions
        sent = self._article(f"article-{number:06}", number, partition)
        yield sent
        if number % COPIES == 0:
            yield sent
        if number % MALFORMED == 0:
            yield Sent(f"malformed-{number:06}", b'{"headline": ', partition, is_article=False)

    def _article(
        self, key: str, number: int, partition: int, later: timedelta | None = None
    ) -> Sent:
        count = 1 + number % 2
        companies = self._dice.sample(COMPANIES, count)
        self.subjects[key] = tuple(f"company:{company}" for company in companies)
        words = " ".join(self._dice.choices(["alpha", "beta", "gamma", "delta", "omega"], k=4))
        published = _START + (later or timedelta(seconds=number * EVENT_SECONDS))
        body = {
            "source": f"wire-{number % 5}",
            "headline": f"Report {self._dice.randrange(10**6)} {words} {number}",
            "published": published.isoformat(),
            "companies": companies,
        }
        return Sent(key, orjson.dumps(body), partition)

    def _closing_articles(self) -> Iterator[Sent]:
        """Yield an article for each pair of a raw and an accepted partition."""
        partitions = self._layout.partitions
        for raw in range(partitions):
            for accepted in range(partitions):
                keys = (f"closing-{raw}-{accepted}-{number}" for number in range(1_000_000))
                key = next(
                    key
                    for key in keys
                    if assign_partitions([key.encode()], partitions, 0) == [accepted]
                )
                sent = self._article(key, self._number, raw, later=_CLOSING)
                self.closing += len(self.subjects[key])
                yield sent

    def _deliver(self, sent: Sent) -> None:
        task = asyncio.create_task(self._send(sent))
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def _send(self, sent: Sent) -> None:
        """Send until the broker acknowledges it; a copy more or less makes no difference."""
        headers = [("idempotency-key", sent.key.encode())] if sent.is_article else []
        topic, key = self._layout.topic(RAW.topic), sent.key.encode()
        while True:
            try:
                producer = await self._connect()
                await producer.send_and_wait(
                    topic, sent.value, key, partition=sent.partition, headers=headers
                )
            except KafkaError:
                await asyncio.sleep(0.2)
            else:
                self.acknowledged.add(sent.key)
                return

    async def _connect(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._layout.bootstrap,
                enable_idempotence=True,
                linger_ms=5,
                request_timeout_ms=60_000,
            )
            self._producer = producer
            self._started = asyncio.ensure_future(producer.start())
        await asyncio.shield(self._started)
        return self._producer
