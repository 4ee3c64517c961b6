"""``newsquake watch``."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final, NamedTuple

from aiokafka import TopicPartition as KafkaPartition

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from cli.command_setup import quiet
from cli.view.dead_letters import dead_json, dead_line
from cli.view.records import alert_line, scored_line, signal_line, value_json
from schemas.channels import ALERTS, DEAD, SCORED, SIGNALS, Channel
from streams.core.record import Record
from streams.kafka.connection import committed_reader
from streams.kafka.topics import verify_topics

_POLL = 0.2
_ANSWER_SECONDS = 10.0

Line = Callable[[Record], str]
_LINES: Final[dict[str, tuple[Channel, Line, Line]]] = {
    "alerts": (ALERTS, alert_line, value_json),
    "scored": (SCORED, scored_line, value_json),
    "signals": (SIGNALS, signal_line, value_json),
    "dead": (DEAD, dead_line, dead_json),
}


class Watch(NamedTuple):
    """What the command line asks for."""

    what: str
    as_json: bool
    from_beginning: bool
    until_idle: float | None


def run(cluster: ClusterLayout, watch: Watch) -> None:
    """Print a line for each committed record, until Ctrl-C or until none comes any more.

    Raises:
        Misconfigured: there is no broker, or no such topic.
        KafkaError: the broker went away.
    """
    quiet()
    try:
        asyncio.run(_print(cluster, watch))
    except KeyboardInterrupt:
        return


async def _print(cluster: ClusterLayout, watch: Watch) -> None:
    channel, human, machine = _LINES[watch.what]
    line = machine if watch.as_json else human
    topic = cluster.topic(channel.topic)
    await verify_topics(cluster, [it for it in required_topics(cluster, NEWS) if it.name == topic])
    partitions = [KafkaPartition(topic, part) for part in range(cluster.count(channel))]
    async for records in _records(cluster, partitions, watch):
        text = "".join(f"{line(record)}\n" for record in records)
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()


async def _records(
    cluster: ClusterLayout, partitions: Sequence[KafkaPartition], watch: Watch
) -> AsyncIterator[Sequence[Record]]:
    async with committed_reader(cluster) as consumer:
        consumer.assign(partitions)
        seek = consumer.seek_to_beginning if watch.from_beginning else consumer.seek_to_end
        await seek(*partitions)
        async for records in _until_idle(consumer, watch.until_idle):
            yield records
        await asyncio.wait_for(consumer.end_offsets(partitions), _ANSWER_SECONDS)


async def _until_idle(consumer: Any, seconds: float | None) -> AsyncIterator[Sequence[Record]]:
    clock = asyncio.get_running_loop().time
    last = clock()
    while seconds is None or clock() - last < seconds:
        fetched = await consumer.getmany(timeout_ms=int(_POLL * 1000))
        for records in fetched.values():
            yield records
        if fetched:
            last = clock()
