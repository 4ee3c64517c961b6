"""Positions of ``newsquake watch``: where it begins, and where its group stopped."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from heapq import merge
from typing import Final

import typer
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import CommitFailedError, IllegalGenerationError, UnknownMemberIdError

from infra.usage_error import UsageError
from streams.core.record import Record

Positions = Mapping[KafkaPartition, int]
_HAS_MEMBERS: Final = (CommitFailedError, IllegalGenerationError, UnknownMemberIdError)
"""The answers of a broker to a commit from outside a group that has members."""
_MILLISECONDS: Final = 1000


async def start_positions(
    consumer: AIOKafkaConsumer, *, from_beginning: bool, since: datetime | None, group: str
) -> Positions:
    """Return the offset at which each assigned partition is to be read on.

    A group goes on where it stopped, but not before ``since``; in a partition that is new since
    then, from its beginning. Without a group, or where it has never been, ``since`` or the
    beginning or else the end count.
    """
    partitions = list(consumer.assignment())
    ends: Positions = await consumer.end_offsets(partitions)
    positions = ends
    if from_beginning:
        positions = await consumer.beginning_offsets(partitions)
    elif since:
        milliseconds = int(since.timestamp() * _MILLISECONDS)
        times = await consumer.offsets_for_times(dict.fromkeys(partitions, milliseconds))
        positions = {part: place.offset if place else ends[part] for part, place in times.items()}
    if not group:
        return positions
    stopped = {partition: await consumer.committed(partition) for partition in partitions}
    if all(offset is None for offset in stopped.values()):
        if positions is ends:
            typer.echo(
                f"newsquake: the group {group} has no position (it is new, or was away for so long "
                "that Kafka forgot it): it begins with what comes from now on",
                err=True,
            )
        return positions
    return {
        part: resumed(offset or 0, positions[part] if since else 0, ends[part])
        for part, offset in stopped.items()
    }


def resumed(stopped: int, earliest: int, end: int) -> int:
    """Return where a group that ``stopped`` at an offset goes on.

    Never before ``earliest``; a log that ends before it was made anew, and is read from the start.

    >>> resumed(7, 0, 9), resumed(7, 8, 9), resumed(7, 0, 3)
    (7, 8, 0)
    """
    return max(stopped if stopped <= end else 0, earliest)


async def commit_printed(consumer: AIOKafkaConsumer, group: str) -> None:
    """Remember for the group that all that was fetched was printed.

    The positions of quiet partitions are written again too: Kafka forgets each one by itself, a
    week after it was written.

    Raises:
        UsageError: Others are members of the group, and share its partitions.
    """
    try:
        await consumer.commit()
    except _HAS_MEMBERS:
        raise UsageError(
            f"--group {group} has members, such as an alert sink: choose a name of your own"
        ) from None


async def take_new_partitions(consumer: AIOKafkaConsumer, topic: str) -> None:
    """Read partitions that were added since, from their beginning."""
    known = consumer.assignment()
    present = consumer.partitions_for_topic(topic) or ()
    new = {KafkaPartition(topic, number) for number in present} - known
    if new:
        positions = {partition: await consumer.position(partition) for partition in known}
        consumer.assign([*known, *new])
        for partition, position in (positions | dict.fromkeys(new, 0)).items():
            consumer.seek(partition, position)


def in_written_order(fetched: Mapping[KafkaPartition, Sequence[Record]]) -> Iterator[Record]:
    """Yield records of several partitions in the order in which they were written."""
    yield from merge(*fetched.values(), key=lambda record: record.timestamp)
