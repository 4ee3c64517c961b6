"""Kill -9 in the middle of a surge, on a real broker: the alerts are those of a quiet day."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from infra.supervisor import Supervisor
from schemas.alert import Alert
from schemas.channels import ALERTS, RAW, SIGNALS, STATE_DETECT
from streams.kafka.topics import create_topics

Working = Callable[..., Supervisor]
Records = Callable[..., Awaitable[list[Any]]]
Running = Callable[[Supervisor, int], Awaitable[int]]
START = datetime(2024, 1, 1, tzinfo=UTC)
COMPANIES = [f"AL{number}" for number in range(6)]
HISTORY, TAIL = 40, 6  # days
STORM = 80
"""Articles of the surge."""
STORM_SECONDS = 24.0
KILLS = 4
PATIENCE = 180.0
IDLE_SECONDS = "20"


def article(dice: random.Random, number: int, hours: float, company: str, words: str) -> bytes:
    """Return one raw article; its words make it a story of its own."""
    others = " ".join(dice.choices(["alpha", "beta", "gamma", "delta", "omega", "sigma"], k=4))
    body = {
        "source": f"wire-{number % 5}",
        "id": str(number),
        "headline": f"{company} {words} {dice.randrange(10**6)} {others} {dice.randrange(10**6)}",
        "published": (START + timedelta(hours=hours)).isoformat(),
        "companies": [company],
    }
    return orjson.dumps(body)


def quiet(dice: random.Random, begin: int, days: int, first: int) -> list[bytes]:
    """Return four articles a day and company, in order of time."""
    hours = [24.0 * begin + 6 * n + dice.random() for n in range(4 * days)]
    dates = [
        (hour + index / 10, company) for hour in hours for index, company in enumerate(COMPANIES)
    ]
    return [
        article(dice, first + n, hour, company, "opens office")
        for n, (hour, company) in enumerate(sorted(dates))
    ]


def storm(dice: random.Random) -> list[bytes]:
    """Return bad news about one company for a night and a day."""
    words = ["faces bankruptcy", "fraud probe widens", "shares plunge", "defaults on loans"]
    hours = [24.0 * HISTORY + 30 * n / STORM for n in range(STORM)]
    return [
        article(dice, 5_000 + n, hour, COMPANIES[0], dice.choice(words))
        for n, hour in enumerate(hours)
    ]


async def send(
    producer: AIOKafkaProducer,
    layouts: Sequence[ClusterLayout],
    values: Sequence[bytes],
    seconds: float,
) -> None:
    """Send the same to both, to each partition in turn, spread over some time."""
    for number, value in enumerate(values):
        for layout in layouts:
            partition = number % layout.partitions
            await producer.send(layout.topic(RAW.topic), value, partition=partition)
        if seconds:
            await asyncio.sleep(seconds / len(values))
    await producer.flush()


async def settled(layout: ClusterLayout, records: Records, signals: int) -> None:
    """Wait until the detector has counted every signal; give up after `PATIENCE`."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        memory = {record.key: record.value for record in await records(layout, STATE_DETECT)}
        waiting = orjson.loads(memory.get(b"r|") or b"{}").get("waiting")
        if waiting == 0 and len(await records(layout, SIGNALS)) >= signals:
            return
        await asyncio.sleep(1.0)


@pytest.mark.kafka
@pytest.mark.chaos
async def test_killing_the_detector_in_mid_surge_changes_no_alert(
    kafka: str, prefix: str, working: Working, records: Records, running: Running
) -> None:
    """A desk would get an alert twice, with other numbers, or not at all, when a machine fails."""
    layouts = [
        ClusterLayout(bootstrap=kafka, prefix=f"{prefix}{name}.") for name in ("calm", "torn")
    ]
    for layout in layouts:
        await create_topics(layout, required_topics(layout, timedelta(days=7)))
    workers = [
        working(layout, 1, NEWSQUAKE_DETECT__IDLE_TIMEOUT=IDLE_SECONDS) for layout in layouts
    ]
    dice = random.Random(11)
    before, surge = quiet(dice, 0, HISTORY, 0), storm(dice)
    after = quiet(dice, HISTORY + 2, TAIL, 10_000)
    async with AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True) as producer:
        await send(producer, layouts, before, 0.0)
        for worker in workers:
            await running(worker, 0)
        killing = asyncio.create_task(kill(workers[1], running))
        await send(producer, layouts, surge, STORM_SECONDS)
        await killing
        await send(producer, layouts, after, 0.0)
    for layout in layouts:
        await settled(layout, records, len(before) + len(surge) + len(after))
    calm, torn = [await records(layout, ALERTS) for layout in layouts]
    assert workers[1].status[0].restarts >= KILLS
    assert workers[0].status[0].restarts == 0
    alerts = [Alert.from_bytes(record.value) for record in calm]
    statuses = [alert.status for alert in alerts if alert.subject == f"company:{COMPANIES[0]}"]
    assert (statuses[0], statuses[-1]) == ("firing", "resolved")
    assert torn == calm


async def kill(workers: Supervisor, running: Running) -> None:
    """Kill the worker again and again while the surge comes in."""
    for _ in range(KILLS):
        await asyncio.sleep(STORM_SECONDS / KILLS - 1)
        await running(workers, 0)
        workers.kill(0)
