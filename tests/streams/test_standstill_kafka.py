"""Conditions that would stop a worker in silence: each gives one line with a remedy."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from infra.kafka.embedded import EmbeddedKafka
from tests.streams.conditions import Worker, articles, run, settings, worker
from tests.streams.proxy import Proxy, broker_behind

pytestmark = pytest.mark.kafka
QUICK = {"NEWSQUAKE_WORKER__PATIENCE": "2", "NEWSQUAKE_WORKER__PATIENCE_LIMIT": "12"}


@pytest.fixture
def environment(kafka: str, prefix: str) -> dict[str, str]:
    """The shared broker, with a prefix and topics of this test."""
    environment = settings(kafka, NEWSQUAKE_KAFKA__PREFIX=prefix, **QUICK)
    run(environment, "topics", "create")
    return environment


def ends_with(process: Worker, words: str) -> None:
    """The worker must say ``words`` about why it stands still, and then end by itself."""
    line = process.wait_for(words, seconds=15)
    assert line["event"] == "no progress", line
    assert process.process.wait(20) == 1
    assert "Traceback" not in process.text, process.text


async def send(bootstrap: str, topic: str) -> None:
    """Write a record to each partition, without asking for copies."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks=1) as producer:
        for partition in range(2):
            await producer.send_and_wait(topic, articles(1).encode(), partition=partition)


async def want_three_copies(bootstrap: str, topic: str) -> None:
    """Have ``topic`` take writes only while three replicas are in sync."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    three = {"min.insync.replicas": "3"}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, three)])
    await admin.close()


def test_a_foreign_consumer_in_the_group_is_named(
    environment: dict[str, str], kafka: str, prefix: str, tmp_path: Path
) -> None:
    """Somebody's console consumer would stop the stage for good, without a word."""
    group, topic = f"{prefix}newsquake-score", f"{prefix}news.accepted"

    async def share() -> int:
        async with AIOKafkaConsumer(topic, bootstrap_servers=kafka, group_id=group) as foreign:
            while not foreign.assignment():  # noqa: ASYNC110 - it is on the broker
                await asyncio.sleep(0.1)
            with worker(environment, tmp_path / "log", "--agents", "score") as process:
                line = await asyncio.to_thread(process.wait_for, "worker failed", seconds=20)
                assert "another program is a member of the consumer group" in line["problem"]
                assert group in line["problem"]
                return await asyncio.to_thread(process.process.wait, 10)

    assert asyncio.run(share()) == 1


def test_a_session_timeout_that_the_broker_refuses_is_named(
    environment: dict[str, str], jar_cache: Path, tmp_path: Path
) -> None:
    """The worker would look alive, and never read."""
    environment["NEWSQUAKE_WORKER__SESSION_TIMEOUT"] = "1800"
    with EmbeddedKafka(jar_cache, properties={"group.max.session.timeout.ms": "60000"}) as kafka:
        environment["NEWSQUAKE_KAFKA__BOOTSTRAP"] = kafka.bootstrap
        run(environment, "topics", "create")
        with worker(environment, tmp_path / "log", "--agents", "ingest") as process:
            line = process.wait_for("worker failed", seconds=20)
            assert "NEWSQUAKE_WORKER__SESSION_TIMEOUT" in line["problem"]
            assert process.process.wait(10) == 1


def test_transactions_that_want_three_copies_are_named(jar_cache: Path, tmp_path: Path) -> None:
    """Kafka's defaults on a single broker of one's own: the first contact would be silence."""
    three = {
        "transaction.state.log.replication.factor": "3",
        "transaction.state.log.min.isr": "2",
    }
    with EmbeddedKafka(jar_cache, properties=three) as kafka:
        environment = settings(kafka.bootstrap, **QUICK)
        run(environment, "topics", "create")
        with worker(environment, tmp_path / "log", "--agents", "ingest") as process:
            ends_with(process, "transaction.state.log.replication.factor=1")


@pytest.mark.parametrize("topic", ["news.accepted", "news.raw"])
def test_a_topic_deleted_under_the_worker_is_named(
    environment: dict[str, str], kafka: str, prefix: str, tmp_path: Path, topic: str
) -> None:
    """Commits to a topic that is gone, and reads from one, would wait for ever."""

    async def delete() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        await admin.delete_topics([f"{prefix}{topic}"])
        await admin.close()

    with worker(environment, tmp_path / "log", "--agents", "ingest") as process:
        process.wait_for("stage started")
        if topic == "news.accepted":
            run(environment, "publish", "-", "--format", "jsonl", text=articles(10))
            process.wait_for("leases")
        asyncio.run(delete())
        if topic == "news.accepted":
            run_publish = articles(10, 10)
            run(environment, "publish", "-", "--format", "jsonl", text=run_publish)
        ends_with(process, f"the topic {prefix}{topic} does not exist")


def test_too_few_replicas_in_sync_are_named(jar_cache: Path, tmp_path: Path) -> None:
    """One broker of three that is down would stop everything for a minute at a time."""
    with EmbeddedKafka(jar_cache, brokers=3) as kafka:
        environment = settings(kafka.bootstrap, NEWSQUAKE_KAFKA__REPLICATION="3", **QUICK)
        run(environment, "topics", "create")
        with worker(environment, tmp_path / "log", "--agents", "ingest") as process:
            process.wait_for("stage started")
            asyncio.run(want_three_copies(kafka.bootstrap, "news.accepted"))
            kafka.kill(2)
            asyncio.run(send(kafka.bootstrap, "news.raw"))
            ends_with(process, "replicas in sync")


def test_connections_that_are_dropped_in_silence_are_named(jar_cache: Path, tmp_path: Path) -> None:
    """A balancer that forgets connections would stop the worker for minutes."""
    with broker_behind(jar_cache, Proxy) as (address, proxy):
        environment = settings(address, **QUICK)
        run(environment, "topics", "create")
        with worker(environment, tmp_path / "log", "--agents", "ingest") as process:
            process.wait_for("stage started")
            proxy.freeze()
            ends_with(process, "drops the traffic in silence")


def test_a_commit_over_a_dead_connection_is_named_and_goes_on(
    jar_cache: Path, tmp_path: Path
) -> None:
    """A balancer forgets connections one by one: the worker would say that all is well."""
    with broker_behind(jar_cache, Proxy) as (address, proxy):
        patient = {**QUICK, "NEWSQUAKE_WORKER__PATIENCE_LIMIT": "60"}
        environment = settings(address, **patient)
        run(environment, "topics", "create")
        with worker(environment, tmp_path / "log", "--agents", "ingest") as process:
            process.wait_for("stage started")
            run(environment, "publish", "-", "--format", "jsonl", text=articles(10))
            process.wait_for("first records committed")
            proxy.forget()
            run(environment, "publish", "-", "--format", "jsonl", text=articles(10, 10))
            line = process.wait_for("dropped that connection in silence", seconds=40)
            assert f"at {address} has no answer for" in line["problem"], line
            process.wait_for("work goes on", seconds=25)


def test_connections_that_are_silent_from_the_start_are_made_anew(
    jar_cache: Path, tmp_path: Path
) -> None:
    """A broker that restarts has no room for all who come back: workers stood still for minutes."""
    with broker_behind(jar_cache, Proxy) as (address, proxy):
        environment = settings(address, NEWSQUAKE_WORKER__PATIENCE="2")
        run(environment, "topics", "create")
        with worker(environment, tmp_path / "log", "--agents", "ingest") as process:
            process.wait_for("stage started")
            proxy.is_full = True
            proxy.cut()
            line = process.wait_for("no progress", seconds=15)
            assert f"an answer of {address}" in line["waits_for"], line
            proxy.is_full = False
            run(environment, "publish", "-", "--format", "jsonl", text=articles(10))
            process.wait_for("first records committed", seconds=25)
