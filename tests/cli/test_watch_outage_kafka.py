"""Following alerts while the broker goes away and comes back."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from agents.event_message import event_message
from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka
from schemas.alert import Alert

pytestmark = pytest.mark.kafka

SCRIPT = Path(sys.executable).with_name("newsquake")
SECONDS = 60.0
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[EmbeddedKafka]:
    """A broker of this test's own, since it is killed; its data outlives it."""
    with EmbeddedKafka(user_cache_dir(os.environ), data=tmp_path / "kafka") as kafka:
        yield kafka


async def send_alert(bootstrap: str, name: str) -> None:
    """Write an alert as the detector does."""
    alert = Alert(
        id=name, subject="company:ACME", status="firing", severity="major", onset=NOON,
        detected_at=NOON, volume=14, expected_volume=3, negative_share=0.8, expected_share=0.2,
        evidence=9, sources=3, stories=14, signals=20, model="m", rule="1",
    )  # fmt: skip
    message = event_message("alerts", alert, key=alert.subject, event_id=alert.event_id, time=NOON)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait(
            "alerts", message.value, message.key, headers=list(message.headers)
        )


def wait_for(file: Path, words: str) -> None:
    """Wait until ``words`` were printed."""
    deadline = time.monotonic() + SECONDS
    while words not in file.read_text():
        assert time.monotonic() < deadline, file.read_text()
        time.sleep(0.1)


def test_a_follower_says_that_the_broker_is_away_and_misses_nothing(
    own_kafka: EmbeddedKafka, tmp_path: Path
) -> None:
    """People would take a dead line for a quiet day."""
    others = {name: text for name, text in os.environ.items() if not name.startswith("NEWSQUAKE_")}
    environment = {
        **others,
        "NEWSQUAKE_KAFKA__BOOTSTRAP": own_kafka.bootstrap,
        "NEWSQUAKE_KAFKA__PARTITIONS": "1",
    }
    subprocess.run([SCRIPT, "topics", "create"], env=environment, check=True, timeout=60)
    out, errors = tmp_path / "out", tmp_path / "errors"
    follow = [str(SCRIPT), "watch", "alerts", "--group", "desk", "--json", "--from-beginning"]
    asyncio.run(send_alert(own_kafka.bootstrap, "before"))
    with out.open("wb") as lines, errors.open("wb") as problems:
        watch = subprocess.Popen(follow, env=environment, stdout=lines, stderr=problems)
    try:
        wait_for(out, "before")
        own_kafka.kill()
        wait_for(errors, "newsquake: waiting: ")
        own_kafka.restart()
        wait_for(errors, "newsquake: Kafka is back")
        asyncio.run(send_alert(own_kafka.bootstrap, "after"))
        wait_for(out, "after")
    finally:
        watch.kill()
        watch.wait(20)
    ids = [json.loads(line)["id"] for line in out.read_text().splitlines()]
    assert ids == ["before", "after"]
