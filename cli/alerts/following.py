"""Positions of ``newsquake watch``: where it begins, and where its group stopped."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import CommitFailedError, IllegalGenerationError, UnknownMemberIdError

from infra.usage_error import UsageError

Positions = Mapping[KafkaPartition, int]
_HAS_MEMBERS: Final = (CommitFailedError, IllegalGenerationError, UnknownMemberIdError)
"""The answers of a broker to a commit from outside a group that has members."""
_MILLISECONDS: Final = 1000


async def start_positions(
    consumer: AIOKafkaConsumer, *, from_beginning: bool, since: datetime | None, group: str
) -> Positions:
    """Return the offset at which each assigned partition is to be read on.

    A group goes on where it stopped, but not before ``since``. Where it has not been, and without
    a group, ``since`` or the beginning or else the end count.
    """
    partitions = list(consumer.assignment())
    ends = await consumer.end_offsets(partitions)
    positions = dict(ends)
    if from_beginning:
        positions = dict(await consumer.beginning_offsets(partitions))
    elif since:
        milliseconds = int(since.timestamp() * _MILLISECONDS)
        times = await consumer.offsets_for_times(dict.fromkeys(partitions, milliseconds))
        positions = {part: place.offset if place else ends[part] for part, place in times.items()}
    if not group:
        return positions
    for partition in partitions:
        stopped = await consumer.committed(partition)
        if stopped is not None:
            earliest = positions[partition] if since else 0
            positions[partition] = resumed(stopped, earliest, ends[partition])
    return positions


def resumed(stopped: int, earliest: int, end: int) -> int:
    """Return where a group that ``stopped`` at an offset goes on.

    Never before ``earliest``; a log that ends before it was made anew, and is read from the start.

    >>> resumed(7, 0, 9), resumed(7, 8, 9), resumed(7, 0, 3)
    (7, 8, 0)
    """
    return max(stopped if stopped <= end else 0, earliest)


async def commit_printed(consumer: AIOKafkaConsumer, positions: Positions, group: str) -> None:
    """Remember for the group that all before ``positions`` was printed.

    Raises:
        UsageError: Others are members of the group, and share its partitions.
    """
    try:
        await consumer.commit(dict(positions))
    except _HAS_MEMBERS:
        raise UsageError(
            f"--group {group} has members, such as an alert sink: choose a name of your own"
        ) from None
