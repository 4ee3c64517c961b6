"""An alert comes within a minute of the article that decides, also if nothing comes after it."""

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer

from schemas.alert import Alert
from tests.streams.conditions import run, settings, worker

pytestmark = pytest.mark.kafka
STORM = datetime(2026, 1, 31, 12, 5, tzinfo=UTC)
DAYS = 30
LIMIT_SECONDS = 60.0
WRONGS = ("fraud", "bribery", "a cartel", "false accounts", "insider trading", "unpaid taxes")


def lines(articles: Iterator[tuple[str, datetime]]) -> str:
    """Return JSON lines of headlines and times."""
    return "".join(
        json.dumps(
            {
                "id": f"early-{published:%d%H%M}",
                "source": "wire",
                "headline": headline,
                "published": published.isoformat(),
                "tickers": ["ACME"],
            }
        )
        + "\n"
        for headline, published in articles
    )


def calm() -> Iterator[tuple[str, datetime]]:
    """Yield a month of ordinary news, an article every six hours."""
    for number in range(DAYS * 4):
        time_ = STORM - timedelta(days=DAYS) + number * timedelta(hours=6)
        yield f"Acme opens office {number} in town {number * 7}", time_


def storm() -> Iterator[tuple[str, datetime]]:
    """Yield bad news, an article a minute, long before their hour is over."""
    for number in range(12):
        wrong = WRONGS[number % len(WRONGS)]
        yield (
            f"Acme plunges as prosecutors in town {number * 7} charge office {number} with {wrong}",
            STORM + timedelta(minutes=number),
        )


async def first_alert(kafka: str, topic: str, seconds: float) -> Alert:
    """Return the first alert on Acme that is committed."""
    options = {"isolation_level": "read_committed", "auto_offset_reset": "earliest"}
    async with (
        AIOKafkaConsumer(topic, bootstrap_servers=kafka, **options) as consumer,
        asyncio.timeout(seconds),
    ):
        async for record in consumer:
            alert = Alert.from_event(record.value, record.headers)
            if alert.subject == "company:ACME":
                return alert
    raise AssertionError("the consumer ended")


def test_an_alert_comes_within_a_minute_and_its_hour_is_not_over(
    kafka: str, prefix: str, tmp_path: Path
) -> None:
    """A desk would learn of a crash up to an hour late, or not until the next news."""
    environment = settings(kafka, NEWSQUAKE_KAFKA__PREFIX=prefix)
    run(environment, "topics", "create")
    with worker(environment, tmp_path / "log", "--agents", "ingest,score,detect") as process:
        process.wait_for("worker ready", times=3)
        run(environment, "publish", "-", "--format", "jsonl", text=lines(calm()))
        run(environment, "publish", "-", "--format", "jsonl", text=lines(storm()))
        began = time.monotonic()
        alert = asyncio.run(first_alert(kafka, f"{prefix}alerts", LIMIT_SECONDS))
        assert time.monotonic() - began < LIMIT_SECONDS
    assert alert.status == "firing"
    assert STORM < alert.detected_at < STORM + timedelta(minutes=12)
