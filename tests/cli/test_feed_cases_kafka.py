"""Items of all vendors and feed cases through a real worker: none is lost, misread or doubled."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from subprocess import CompletedProcess

import pytest
from aiokafka import AIOKafkaProducer

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from schemas.article import Article
from schemas.channels import ACCEPTED, DEAD, RAW, SCORED, SIGNALS, Channel
from schemas.dead_letter import DeadLetter
from schemas.signal import Signal
from streams.core.record import Headers, Stored
from streams.kafka.topics import create_topics
from tests.chaos.outside import committed
from tests.schemas.feeds.cases import FILES, IN_TEXT, RECORDS, records
from tests.schemas.feeds.right import Right, as_read
from tests.schemas.feeds.vendors import SHAPES, right, sent

pytestmark = pytest.mark.kafka
Run = Callable[..., CompletedProcess[str]]
Working = Callable[[], AbstractContextManager[None]]
SECONDS = 60.0
LAST = (
    b'{"title": "The last one", "published": "2026-03-03T08:15:00Z", "id": "last", "source": "W"}'
)


def values() -> Iterator[tuple[bytes, Headers]]:
    """Yield value and headers of all records, those of vendors first."""
    yield from ((sent(name), []) for name in SHAPES)
    for number in RECORDS:
        yield from records(number)


def right_values() -> list[Right | None]:
    """Return the right values of all records, and of the rows that follow them."""
    written = [value for rights in RECORDS.values() for value in rights]
    rows = [row for files in FILES.values() for row in files.rows]
    return [*map(right, SHAPES), *written, *rows]


async def send(layout: ClusterLayout) -> None:
    """Make the topics, and send all records in order."""
    await create_topics(layout, required_topics(layout, NEWS))
    async with AIOKafkaProducer(
        bootstrap_servers=layout.bootstrap, enable_idempotence=True
    ) as producer:
        for value, headers in values():
            await producer.send(layout.topic(RAW.topic), value, headers=headers)
        await producer.flush()


async def finished(layout: ClusterLayout) -> dict[Channel, list[Stored]]:
    """Send the last article, wait until it is scored, and return all that came of the others."""
    topic = layout.topic(RAW.topic)
    async with AIOKafkaProducer(bootstrap_servers=layout.bootstrap) as producer:
        await producer.send_and_wait(topic, LAST)
    deadline = time.monotonic() + SECONDS
    while not any(b'"The last one"' in (it.value or b"") for it in await committed(layout, SCORED)):
        assert time.monotonic() < deadline, "the last article is not scored"
        await asyncio.sleep(0.2)
    return {channel: await committed(layout, channel) for channel in (ACCEPTED, SIGNALS, DEAD)}


def test_each_item_is_read_right_and_each_company_counts_once(
    kafka: str, prefix: str, environment: dict[str, str], newsquake: Run, working: Working
) -> None:
    """A vendor's news would count at a wrong time, for another company, twice or not at all."""
    layout = ClusterLayout(bootstrap=kafka, prefix=prefix, partitions=1)
    environment["NEWSQUAKE_KAFKA__PARTITIONS"] = "1"
    asyncio.run(send(layout))
    for files in FILES.values():
        published = newsquake("publish", *map(str, files.paths), "--map", files.mapping)
        assert published.returncode == 0, published.stderr
    with working():
        results = asyncio.run(finished(layout))

    expected = right_values()
    accepted = [Article.from_bytes(record.value) for record in results[ACCEPTED]][:-1]
    dead = [DeadLetter.from_headers(record.headers).offset for record in results[DEAD]]
    assert [as_read(article) for article in accepted] == [value for value in expected if value]
    assert dead == [offset for offset, value in enumerate(expected) if value is None]

    signals = [Signal.from_bytes(record.value) for record in results[SIGNALS]]
    about = [signal for signal in signals if signal.subject.startswith("company:")]
    named = [
        (value, name)
        for value in expected
        if value
        for name in (*value.companies, *IN_TEXT.get(value.key, ()))
    ]
    counted = Counter((signal.key, signal.subject) for signal in about)
    assert counted == dict.fromkeys(((value.key, f"company:{name}") for value, name in named), 1)
    times = {(value.key, value.published) for value, _ in named}
    assert {(signal.key, signal.published) for signal in about} <= times
