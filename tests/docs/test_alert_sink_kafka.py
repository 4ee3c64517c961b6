"""The how-to of an alert sink, run as it is printed, on a real broker."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from agents.cluster_layout import ClusterLayout
from agents.event_message import event_message
from agents.kafka_topics import required_topics
from schemas.alert import Alert
from schemas.channels import ALERTS
from streams.kafka.topics import create_topics

PAGE = Path(__file__).parents[2] / "docs/how-to/write-an-alert-sink.md"
MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)


def printed_code() -> dict[str, Any]:
    """Return the names that the page's code defines."""
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102 - our own page
    return names


def alert(number: int) -> Alert:
    """Return an alert of its own for each number."""
    return Alert(
        id=f"{number:016x}",
        subject="company:ACME",
        status="firing",
        severity="minor",
        onset=MIDNIGHT,
        detected_at=MIDNIGHT + timedelta(hours=number),
        volume=12.0,
        expected_volume=1.0,
        negative_share=0.8,
        expected_share=0.3,
        evidence=9.0,
        sources=3,
        stories=12,
        signals=14,
        model="lexicon",
        rule="surge-5",
    )


async def publish_alerts(cluster: ClusterLayout, numbers: range) -> None:
    """Write alerts as the detector does."""
    topic = cluster.topic(ALERTS.topic)
    async with AIOKafkaProducer(bootstrap_servers=cluster.bootstrap) as producer:
        for number in numbers:
            message = event_message(
                topic, alert(number), key="company:ACME", event_id=f"change-{number}", time=MIDNIGHT
            )
            await producer.send_and_wait(
                message.topic, message.value, key=message.key, headers=list(message.headers)
            )


@pytest.mark.kafka
async def test_the_printed_sink_delivers_every_alert_and_again_what_was_not_committed(
    kafka: str, prefix: str
) -> None:
    """Whoever copies the page would lose the alert during which the sink died."""
    deliver_alerts = printed_code()["deliver_alerts"]
    cluster = ClusterLayout(bootstrap=kafka, prefix=prefix)
    await create_topics(cluster, required_topics(cluster, timedelta(days=7)))
    await publish_alerts(cluster, range(4))
    delivered: list[tuple[str, str]] = []
    all_delivered = asyncio.Event()

    async def fail_at_the_third(event_id: str, received: Alert) -> None:
        delivered.append((event_id, received.id))
        if len(delivered) == 3:
            raise ConnectionError("the receiver is away")

    async def deliver(event_id: str, received: Alert) -> None:
        delivered.append((event_id, received.id))
        if event_id == "change-3":
            all_delivered.set()

    arguments = (kafka, cluster.topic(ALERTS.topic), f"{prefix}sink")
    with pytest.raises(ConnectionError):
        await deliver_alerts(*arguments, fail_at_the_third)
    sink = asyncio.create_task(deliver_alerts(*arguments, deliver))
    async with asyncio.timeout(60):
        await all_delivered.wait()
    sink.cancel()
    expected = [(f"change-{number}", f"{number:016x}") for number in (0, 1, 2, 2, 3)]
    assert delivered == expected
