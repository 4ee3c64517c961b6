"""Alerts as the detector writes them, for tests of the commands."""

from datetime import UTC, datetime, timedelta
from subprocess import CompletedProcess
from typing import Any

from aiokafka import AIOKafkaProducer

from agents.event_message import event_message
from schemas.alert import Alert
from streams.core.record import Message

START = datetime(2024, 3, 1, tzinfo=UTC)


async def send(bootstrap: str, messages: list[Message]) -> None:
    """Write messages, one after the other."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for topic, key, value, headers, _, partition in messages:
            await producer.send(topic, value, key, partition, headers=list(headers))
        await producer.flush()


def succeeded(result: CompletedProcess[str]) -> str:
    """Return what a command printed; it must succeed."""
    assert result.returncode == 0, result.stderr
    return result.stdout


def alert(number: int, status: str = "firing", **fields: Any) -> Alert:
    """Return an alert of its own for each number."""
    when = START + timedelta(hours=number)
    return Alert.model_validate(
        {
            "id": f"{number:02}abcdef", "subject": "company:AAPL", "status": status,
            "severity": "minor", "onset": START, "detected_at": when, "volume": 12,
            "expected_volume": 1, "negative_share": 0.8, "expected_share": 0.3, "evidence": 9,
            "sources": 3, "stories": 12, "signals": 14, "model": "m", "rule": "1", **fields,
        }
    )  # fmt: skip


def record_of(prefix: str, change: Alert) -> Message:
    """Return the record of an alert, as the detector writes it."""
    return event_message(
        f"{prefix}alerts", change, key=change.subject, event_id=change.event_id,
        time=change.detected_at,
    )  # fmt: skip
