"""``newsquake watch``."""

import asyncio
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from agents.pipeline import AGENTS
from agents.telling.alert_filter import AlertFilter
from cli.alerts.following import (
    commit_printed,
    in_written_order,
    start_positions,
    take_new_partitions,
)
from cli.command_setup import quiet
from cli.view.dead_letters import dead_json, dead_line
from cli.view.outage import telling_outages
from cli.view.records import (
    alert_json,
    alert_line,
    scored_line,
    signal_line,
    silence_record_line,
    value_json,
)
from infra.usage_error import UsageError
from schemas.alert import Alert
from schemas.channels import ALERTS, DEAD, SCORED, SIGNALS, SILENCES, Channel
from schemas.refusal import Refusal
from streams.core.record import Record
from streams.kafka.connection import committed_reader
from streams.kafka.topics import partition_counts
from streams.monitoring.diagnosis import errors_explained

_POLL_MS: Final = 200
_ANSWER_SECONDS: Final = 10.0
"""A broker that does not answer in this time after the last record is reported as away."""
_REMEMBER_SECONDS: Final = 3600.0
"""The time after which a group's position is written again, so that Kafka does not forget it."""
_REFRESH_SECONDS: Final = 10.0
"""The time between two looks for new partitions."""

Format = Callable[[Record], str]

_FORMATS: Final[dict[str, tuple[Channel, Format, Format]]] = {
    "alerts": (ALERTS, alert_line, alert_json),
    "scored": (SCORED, scored_line, value_json),
    "signals": (SIGNALS, signal_line, value_json),
    "dead": (DEAD, dead_line, dead_json),
    "silences": (SILENCES, silence_record_line, value_json),
}
"""Argument of the command to its channel and the formats for people and for programs."""


class Watch(NamedTuple):
    """The arguments of the command.

    Attributes:
        what: The channel: alerts, scored, signals, dead or silences.
        as_json: Print JSON for programs.
        from_beginning: Begin with the oldest record, not with the next one.
        until_idle: End after so many seconds without a record; None for never.
        group: Go on where this group stopped; empty to remember nothing.
        since: Begin with the first record that was written at this time or later.
        wanted: The alerts to print; None for all records.
    """

    what: str
    as_json: bool
    from_beginning: bool
    until_idle: float | None
    group: str = ""
    since: datetime | None = None
    wanted: AlertFilter | None = None


def run(cluster: ClusterLayout, watch: Watch) -> None:
    """Print a line for each committed record, until Ctrl-C or ``until_idle``.

    Raises:
        UsageError: Options contradict each other, or the group is an agent's.
        Misconfigured: There is no broker, it went away, or the topic does not exist.
    """
    if watch.wanted and watch.what != "alerts":
        raise UsageError("--subject and --severity are for `watch alerts`")
    if watch.from_beginning and watch.since:
        raise UsageError("--from-beginning or --since, not both")
    if watch.group in {cluster.topic(f"newsquake-{name}") for name in AGENTS}:
        raise UsageError(f"--group {watch.group} is that of a worker: choose a name of your own")
    quiet()
    try:
        asyncio.run(_print(cluster, watch))
    except KeyboardInterrupt:
        return


async def _print(cluster: ClusterLayout, watch: Watch) -> None:
    channel, for_people, for_programs = _FORMATS[watch.what]
    to_line = for_programs if watch.as_json else for_people
    topic = cluster.topic(channel.topic)
    required = [other for other in required_topics(cluster, NEWS) if other.name == topic]
    count = (await partition_counts(cluster, required))[topic]
    partitions = [KafkaPartition(topic, number) for number in range(count)]
    async with (
        errors_explained(cluster, [topic]),
        telling_outages(cluster, [topic]),
        committed_reader(
            cluster, watch.group or None, refresh_seconds=_REFRESH_SECONDS
        ) as consumer,
    ):
        consumer.assign(partitions)
        positions = await start_positions(
            consumer, from_beginning=watch.from_beginning, since=watch.since, group=watch.group
        )
        for partition, position in positions.items():
            consumer.seek(partition, position)
        if watch.group:
            await commit_printed(consumer, watch.group)
        await follow(consumer, watch, topic, to_line)
        await asyncio.wait_for(consumer.end_offsets(partitions), _ANSWER_SECONDS)


async def follow(consumer: AIOKafkaConsumer, watch: Watch, topic: str, to_line: Format) -> None:
    """Print records as they come; a group's position moves once they are printed."""
    clock, seconds = asyncio.get_running_loop().time, watch.until_idle
    last_record = last_commit = clock()
    while seconds is None or clock() - last_record < seconds:
        fetched = await consumer.getmany(timeout_ms=_POLL_MS)
        records = chosen(in_written_order(fetched), watch.wanted)
        text = "".join(f"{to_line(record)}\n" for record in records)
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
        if fetched:
            last_record = clock()
        if watch.group and (fetched or clock() - last_commit > _REMEMBER_SECONDS):
            await commit_printed(consumer, watch.group)
            last_commit = clock()
        await take_new_partitions(consumer, topic)


def chosen(records: Iterable[Record], wanted: AlertFilter | None) -> Iterable[Record]:
    """Yield the records of alerts that are wanted; one that is no alert is never left out."""
    for record in records:
        try:
            if wanted is None or wanted.takes(Alert.from_event(record.value, record.headers)):
                yield record
        except Refusal:
            yield record
