"""A topic that is deleted and made again under a worker: told, and nothing of the new one lost."""

import asyncio
import json
import time
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from tests.streams.conditions import Worker, articles, run, settings, worker

pytestmark = pytest.mark.kafka
QUICK = {"NEWSQUAKE_WORKER__PATIENCE": "2", "NEWSQUAKE_WORKER__PATIENCE_LIMIT": "30"}


def told(process: Worker, topic: str) -> bool:
    """Return whether a line of our own warns of ``topic``."""
    warnings = [line for line in process.events if line["level"] in {"error", "warning"}]
    ours = [line for line in warnings if not line["logger"].startswith(("faust", "aiokafka"))]
    return any(topic in json.dumps(line) for line in ours)


@pytest.mark.parametrize(
    ("topic", "count"), [("news.raw", 20), ("news.raw", 200), ("news.accepted", 20)]
)
def test_a_topic_made_anew_is_named_and_processed(
    kafka: str, prefix: str, tmp_path: Path, topic: str, count: int
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
        publish(100, count)
        began = time.monotonic()
        while not told(process, f"{prefix}{topic}"):
            if scored() == 40 + count:
                return
            assert time.monotonic() - began < 15, process.text
        while scored() < 40 + count:
            if process.process.poll() is not None:
                break
            assert time.monotonic() - began < 45, process.text
    with worker(environment, tmp_path / "second", *agents):
        wait_for_scored(40 + count)
