"""The producer for other programs, on a real broker."""

from datetime import UTC, datetime

import orjson
import pytest
from aiokafka import AIOKafkaConsumer

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from agents.sending.producer import Producer
from agents.sending.raw_record import Sender, raw_record
from schemas.article import Article
from schemas.channels import RAW
from schemas.incoming.reading import Reading, read_record
from schemas.refusal import Refusal
from streams.core.errors import Misconfigured
from streams.kafka.cluster import Cluster
from streams.kafka.topics import create_topics

NOW = datetime(2026, 3, 3, 8, tzinfo=UTC)
BODY = {"headline": "Acme warns on profit", "published": "2026-03-03T07:00:00Z", "id": "a1"}


@pytest.mark.kafka
async def test_articles_arrive_once_with_their_identity(kafka: str, prefix: str) -> None:
    """A program would have to know headers and keys, or count articles twice after a retry."""
    cluster = ClusterLayout(bootstrap=kafka, prefix=prefix, partitions=2)
    await create_topics(cluster, required_topics(cluster, NEWS))
    async with Producer(cluster, source="my-crawler", max_in_flight=10) as producer:
        acks = [await producer.send({**BODY, "id": f"a{number}"}) for number in range(100)]
        receipts = [await ack for ack in acks]
        own = await (await producer.send(BODY, key="mine", profile="alpaca"))
        await producer.flush()
        assert producer.in_flight == 0
    assert own.key == "mine"
    assert len({receipt.key for receipt in receipts}) == 100
    async with AIOKafkaConsumer(
        cluster.topic(RAW.topic), bootstrap_servers=kafka, auto_offset_reset="earliest"
    ) as consumer:
        records = [await consumer.getone() for _ in range(101)]
    by_key = {record.key.decode(): record for record in records}
    assert by_key.keys() == {receipt.key for receipt in receipts} | {"mine"}
    headers = dict(by_key["mine"].headers)
    assert headers["idempotency-key"] == headers["ce_id"] == b"mine"
    assert (headers["newsquake-profile"], headers["ce_source"]) == (b"alpaca", b"my-crawler")
    places = {(record.partition, record.offset) for record in records}
    assert places >= {(receipt.partition, receipt.offset) for receipt in receipts}


async def test_what_the_pipeline_would_set_aside_is_told_at_once() -> None:
    """A program would learn of its error from a dead letter, if anyone looked."""
    producer = Producer(Cluster(bootstrap="127.0.0.1:1"))
    with pytest.raises(Refusal, match="headline is missing"):
        await producer.send({"title": "", "published": "2026-03-03"})
    with pytest.raises(Refusal, match="is not JSON"):
        await producer.send({**BODY, "extra": object()})
    with pytest.raises(Refusal, match="idempotency-key"):
        await producer.send(BODY, key="x" * 300)


async def test_a_cluster_that_is_away_is_explained() -> None:
    """A traceback of the client would have to be read for the address that is wrong."""
    with pytest.raises(Misconfigured, match=r"127\.0\.0\.1:1"):
        async with Producer(Cluster(bootstrap="127.0.0.1:1")):
            pass


def test_a_record_has_the_identity_that_the_pipeline_reads() -> None:
    """The same article would have one identity in the answer and another in the topics."""
    record = raw_record(BODY, Sender("crawler"), NOW)
    bare = read_record(orjson.dumps(BODY), ())[0]
    (reading,) = read_record(record.value, record.headers)
    assert isinstance(bare, Reading)
    assert isinstance(reading, Reading)
    assert record.key == reading.article.key
    article = Article.from_bytes(bare.article.to_bytes())
    assert raw_record(article, Sender(), NOW).key == article.key


def test_an_article_without_a_date_has_that_of_sending() -> None:
    """Items of RSS 0.91 have no date, and none of them would be counted."""
    reading = raw_record({"title": "Acme falls"}, Sender(), NOW).reading
    assert (reading.article.published, reading.published_from) == (NOW, "ce_time")
