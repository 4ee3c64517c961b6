"""``newsquake watch``."""

import asyncio
import sys
from collections.abc import Callable
from typing import Final, NamedTuple

from aiokafka import TopicPartition as KafkaPartition

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from cli.command_setup import quiet
from cli.view.dead_letters import dead_json, dead_line
from cli.view.outage import telling_outages
from cli.view.records import alert_line, scored_line, signal_line, value_json
from schemas.channels import ALERTS, DEAD, SCORED, SIGNALS, Channel
from streams.core.record import Record
from streams.kafka.connection import committed_reader
from streams.kafka.topics import partition_counts
from streams.monitoring.diagnosis import errors_explained

_POLL_MS: Final = 200
_ANSWER_SECONDS: Final = 10.0
"""A broker that does not answer in this time after the last record is reported as away."""

Format = Callable[[Record], str]

_FORMATS: Final[dict[str, tuple[Channel, Format, Format]]] = {
    "alerts": (ALERTS, alert_line, value_json),
    "scored": (SCORED, scored_line, value_json),
    "signals": (SIGNALS, signal_line, value_json),
    "dead": (DEAD, dead_line, dead_json),
}
"""Argument of the command to its channel and the formats for people and for programs."""


class Watch(NamedTuple):
    """The arguments of the command.

    Attributes:
        what: The channel: alerts, scored, signals or dead.
        as_json: Print JSON for programs.
        from_beginning: Begin with the oldest record, not with the next one.
        until_idle: End after so many seconds without a record; None for never.
    """

    what: str
    as_json: bool
    from_beginning: bool
    until_idle: float | None


def run(cluster: ClusterLayout, watch: Watch) -> None:
    """Print a line for each committed record, until Ctrl-C or ``until_idle``.

    Raises:
        Misconfigured: There is no broker, it went away, or the topic does not exist.
    """
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
        committed_reader(cluster) as consumer,
    ):
        consumer.assign(partitions)
        seek = consumer.seek_to_beginning if watch.from_beginning else consumer.seek_to_end
        await seek(*partitions)
        clock, seconds = asyncio.get_running_loop().time, watch.until_idle
        last_record = clock()
        while seconds is None or clock() - last_record < seconds:
            fetched = await consumer.getmany(timeout_ms=_POLL_MS)
            for records in fetched.values():
                text = "".join(f"{to_line(record)}\n" for record in records)
                sys.stdout.buffer.write(text.encode("utf-8", "replace"))
                sys.stdout.buffer.flush()
            if fetched:
                last_record = clock()
        await asyncio.wait_for(consumer.end_offsets(partitions), _ANSWER_SECONDS)
