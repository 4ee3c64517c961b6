"""A topic that is deleted and made again under a worker: told, and nothing of the new one lost."""

import asyncio
import json
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from tests.streams.conditions import Worker, articles, run, settings, worker

pytestmark = pytest.mark.kafka
QUICK = {"NEWSQUAKE_WORKER__PATIENCE": "2", "NEWSQUAKE_WORKER__PATIENCE_LIMIT": "30"}


def told(process: Worker, topic: str) -> bool:
    """Return whether a line of our own warns of ``topic``."""
    warnings = [line for line in process.events if line["level"] in {"error", "warning"}]
    ours = [line for line in warnings if not line["logger"].startswith(("faust", "aiokafka"))]
    return any(topic in json.dumps(line) for line in ours)


@pytest.mark.parametrize("topic", ["news.raw", "news.accepted"])
def test_a_topic_made_anew_is_named_and_processed(
    kafka: str, prefix: str, tmp_path: Path, topic: str
) -> None:
    """All that comes until the new log is as long as the old one was would be lost, in silence."""
    environment = settings(kafka, NEWSQUAKE_KAFKA__PREFIX=prefix, **QUICK)
    run(environment, "topics", "create")

    async def delete() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        await admin.delete_topics([f"{prefix}{topic}"])
        await admin.close()

    def publish(begin: int, count: int) -> None:
        run(environment, "publish", "-", "--format", "jsonl", text=articles(count, begin))

    def scored() -> int:
        lines = run(
            environment, "watch", "scored", "--json", "--from-beginning", "--until-idle", "1"
        )
        return len(lines.splitlines())

    def wait_for_scored(count: int) -> None:
        deadline = time.monotonic() + 40
        while scored() < count:
            assert time.monotonic() < deadline, log.read_text()

    log, agents = tmp_path / "log", ("--agents", "ingest,score")
    publish(0, 40)
    with worker(environment, log, *agents) as process:
        process.wait_for("stage started", times=2)
        wait_for_scored(40)
        asyncio.run(delete())
        time.sleep(0.5)
        run(environment, "topics", "create")
        publish(100, 20)
        began = time.monotonic()
        while not told(process, f"{prefix}{topic}"):
            if scored() == 60:
                return
            assert time.monotonic() - began < 15, process.text
        while scored() < 60:
            if process.process.poll() is not None:
                break
            assert time.monotonic() - began < 45, process.text
    with worker(environment, tmp_path / "second", *agents):
        wait_for_scored(60)


async def make_anew(kafka: str, topic: str, count: int) -> None:
    """Delete ``topic``, and make it again with ``count`` articles in each partition, at once."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.delete_topics([topic])
    while True:
        answer = await admin.create_topics([NewTopic(topic, 2, 1)])
        if not answer.topic_errors[0][1]:
            break
        await asyncio.sleep(0.01)
    await admin.close()
    options = {"metadata_max_age_ms": 100, "max_batch_size": 1 << 20}
    async with AIOKafkaProducer(bootstrap_servers=kafka, **options) as producer:
        for partition in range(2):
            batch = producer.create_batch()
            for line in articles(count, 1_000 * (1 + partition)).splitlines():
                batch.append(key=None, value=line.encode(), timestamp=None)
            while True:
                try:
                    await (await producer.send_batch(batch, topic, partition=partition))
                    break
                except KafkaError:
                    await asyncio.sleep(0.05)


def test_a_topic_that_is_longer_at_once_than_the_old_one_is_read_from_its_beginning(
    kafka: str, prefix: str, tmp_path: Path
) -> None:
    """No offset is out of range, and what lies below the old position would be passed over."""
    environment = settings(kafka, NEWSQUAKE_KAFKA__PREFIX=prefix, **QUICK)
    run(environment, "topics", "create")
    run(environment, "publish", "-", "--format", "jsonl", text=articles(40))

    def scored() -> int:
        watch = ("watch", "scored", "--json", "--from-beginning", "--until-idle", "1")
        return len(run(environment, *watch).splitlines())

    with worker(environment, tmp_path / "log", "--agents", "ingest,score") as process:
        process.wait_for("stage started", times=2)
        while scored() < 40:
            assert process.process.poll() is None, process.text
        asyncio.run(make_anew(kafka, f"{prefix}news.raw", 200))
        assert process.process.wait(15) == 1
        assert told(process, f"{prefix}news.raw"), process.text
    with worker(environment, tmp_path / "second", "--agents", "ingest,score") as process:
        deadline = time.monotonic() + 30
        while scored() < 440:
            assert time.monotonic() < deadline, process.text
