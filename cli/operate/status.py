"""``newsquake status``: what runs, what is behind, which alerts are open."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any, Final

import orjson
import typer
from aiokafka import TopicPartition as KafkaPartition
from rich.console import Console

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from agents.notifying.routes import SEVERITIES
from cli.alerts.past_alerts import read_alerts
from cli.command_setup import quiet
from cli.view.alerts import history_json
from cli.view.status import FILE_WIDTH, DeadLetters, Status, status_lines
from dashboard.models import Models
from dashboard.operations import ask_once
from infra.settings.model import Settings
from schemas.channels import DEAD
from streams.kafka.connection import committed_reader
from streams.kafka.topics import partition_counts
from streams.monitoring.diagnosis import errors_explained

_DAY_SECONDS: Final = 86_400.0
_POLL_MS: Final = 200
_COUNT_SECONDS: Final = 5.0
"""Dead letters are counted for so long."""


def run(settings: Settings, *, as_json: bool) -> None:
    """Print the state of the pipeline on one screen.

    Raises:
        Misconfigured: There is no broker, or the topics are missing.
    """
    quiet()
    status = asyncio.run(_ask(settings))
    if as_json:
        typer.echo(orjson.dumps(as_document(status), option=orjson.OPT_UTC_Z).decode())
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=FILE_WIDTH)
    for line in status_lines(status, settings.kafka.bootstrap, settings.kafka.prefix):
        console.print(line, no_wrap=True, overflow="ellipsis")


def as_document(status: Status) -> dict[str, Any]:
    """Return the state for programs."""
    return {
        "at": status.now,
        "agents": [
            {**agent._asdict(), "members": [member._asdict() for member in agent.members]}
            for agent in status.agents
        ],
        "alerts": [
            orjson.loads(history_json(history, status.book, status.now))
            for history in status.opened
        ],
        "dead_letters": status.letters._asdict(),
        "models": [state._asdict() for state in status.models],
    }


async def _ask(settings: Settings) -> Status:
    cluster, models = settings.kafka, Models(settings)
    topics = required_topics(cluster, NEWS)
    async with errors_explained(cluster, [topic.name for topic in topics]):
        await partition_counts(cluster, topics)
        agents, (histories, book), letters, _ = await asyncio.gather(
            ask_once(cluster), read_alerts(cluster), count_letters(cluster), models.ask()
        )
    opened = [history for history in reversed(histories) if history.is_open]
    opened.sort(key=lambda history: -SEVERITIES.index(history.latest.severity))
    return Status(datetime.now(UTC), agents, opened, book, letters, models.states)


async def count_letters(cluster: ClusterLayout) -> DeadLetters:
    """Count the dead letters of the last day, as far as that takes some seconds only."""
    topic, deadline = cluster.topic(DEAD.topic), time.monotonic() + _COUNT_SECONDS
    wanted = [name for name in required_topics(cluster, NEWS) if name.name == topic]
    count = (await partition_counts(cluster, wanted))[topic]
    partitions = [KafkaPartition(topic, number) for number in range(count)]
    since, letters = int((time.time() - _DAY_SECONDS) * 1_000), 0
    async with committed_reader(cluster) as reader:
        begins = await reader.offsets_for_times(dict.fromkeys(partitions, since))
        ends = await reader.end_offsets(partitions)
        unread = {partition for partition in partitions if begins.get(partition) is not None}
        reader.assign(list(unread))
        for partition in unread:
            reader.seek(partition, begins[partition].offset)
        while unread and time.monotonic() < deadline:
            fetched = await reader.getmany(timeout_ms=_POLL_MS)
            letters += sum(map(len, fetched.values()))
            for partition in list(unread):
                if await reader.position(partition) >= ends[partition]:
                    unread.remove(partition)
    return DeadLetters(letters, not unread)
