"""Topics grow in the middle of a surge, on a real broker: the alerts are those of a quiet day."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from infra.supervisor import Supervisor
from schemas.alert import Alert
from schemas.channels import ALERTS, SCORED
from streams.kafka.topics import create_topics
from tests.chaos.conftest import SETTINGS
from tests.chaos.test_chaos_alerts import COMPANIES, HISTORY, TAIL, quiet, send, settled, storm
from tests.streams.conditions import SCRIPT, settings

Working = Callable[..., Supervisor]
Records = Callable[..., Awaitable[list[Any]]]
Running = Callable[[Supervisor, int], Awaitable[int]]
IDLE_SECONDS = "10"
PARTITIONS, GROWN = 2, 5


def by_subject(records: Sequence[Any]) -> dict[bytes, list[bytes]]:
    """Return the alerts of each subject, in their order."""
    alerts = defaultdict(list)
    for record in records:
        alerts[record.key].append(record.value)
    return alerts


async def grow(layout: ClusterLayout) -> None:
    """Run ``newsquake topics grow``; it must succeed."""
    environment = settings(layout.bootstrap, NEWSQUAKE_KAFKA__PREFIX=layout.prefix)
    argv = [str(SCRIPT), "topics", "grow", "--partitions", str(GROWN), "--yes"]
    process = await asyncio.create_subprocess_exec(*argv, env=environment)
    assert await process.wait() == 0


@pytest.mark.kafka
@pytest.mark.chaos
async def test_growing_in_mid_surge_changes_no_alert(
    kafka: str, prefix: str, working: Working, records: Records, running: Running
) -> None:
    """A desk would get an alert twice, with other numbers, or not at all, after a growth."""
    calm, grown = (
        ClusterLayout(bootstrap=kafka, prefix=f"{prefix}{name}.", partitions=PARTITIONS)
        for name in ("calm", "grown")
    )
    for layout in (calm, grown):
        await create_topics(layout, required_topics(layout, timedelta(days=7)))
        number = str(layout.partitions)
        workers = working(
            layout,
            1,
            NEWSQUAKE_KAFKA__PARTITIONS=number,
            NEWSQUAKE_DETECT__IDLE_TIMEOUT=IDLE_SECONDS,
            **SETTINGS,
        )
        await running(workers, 0)
    larger = grown.model_copy(update={"partitions": GROWN})
    dice = random.Random(11)
    before, surge = quiet(dice, 0, HISTORY, 0), storm(dice)
    after = quiet(dice, HISTORY + 2, TAIL, 10_000)
    middle = len(surge) // 2
    async with AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True) as producer:
        await send(producer, [calm, grown], before + surge[:middle], 0.0)
        while len(await records(grown, SCORED)) < len(before) // 2:  # noqa: ASYNC110 - on the broker
            await asyncio.sleep(0.2)
        await grow(grown)
        await send(producer, [calm], surge[middle:] + after, 0.0)
    # Whoever knows the topics anew sends to all partitions, copies of earlier articles too.
    async with AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True) as producer:
        copies = surge[:middle]
        await send(producer, [larger], copies + surge[middle:] + after, 0.0)
    total = len(before) + len(surge) + len(after)
    await asyncio.gather(settled(calm, records, total), settled(larger, records, total))
    assert len(await records(larger, SCORED)) == total
    expected, actual = [by_subject(await records(it, ALERTS)) for it in (calm, larger)]
    alerts = [Alert.from_bytes(it) for it in expected[f"company:{COMPANIES[0]}".encode()]]
    assert (alerts[0].status, alerts[-1].status) == ("firing", "resolved")
    assert actual == expected
