"""Find the offset at which a stage goes on in a source partition.

Two memories tell it: the committed offset of the group, and the stage's own position record
(`streams.positions.landmarks`). Either may be gone, and the log may have changed since: retention
deletes its beginning, and a power cut or a restored volume its end.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import structlog

from schemas.metrics.processing import POSITIONS_CORRECTED, RECORDS_LOST, Sample
from streams.core.errors import LogTruncated, UnreadableBatch
from streams.core.log import Bounds, Log
from streams.core.record import Record, TopicPartition
from streams.core.stage import AnyStage
from streams.positions.landmarks import (
    Landmark,
    Remembered,
    fingerprint,
    position_key,
    positions_damaged,
)

_log = structlog.get_logger(__name__)


class Resumption(NamedTuple):
    """The place at which a stage goes on.

    Attributes:
        position: The offset of the next record to handle.
        landmarks: The landmarks that still hold.
        samples: Metrics of what was corrected.
        end: The end of the log.
    """

    position: int
    landmarks: tuple[Landmark, ...] = ()
    samples: tuple[Sample, ...] = ()
    end: int = 0


class Agreement(NamedTuple):
    """The part of a log that is the one that was handled.

    Attributes:
        last: The offset of the last landmark that agrees, None without one.
        differing: The offset of the first landmark that does not, None without one.
    """

    last: int | None
    differing: int | None


async def find_resumption(log: Log, stage: AnyStage, source: TopicPartition) -> Resumption:
    """Return the place at which ``stage`` goes on, and log what was corrected.

    The session of the partition must be open: nobody else moves the position.

    Raises:
        Misconfigured: The position record can't be read.
    """
    committed, bounds = await asyncio.gather(log.committed(stage.group, source), log.bounds(source))
    remembered = await _recall(log, stage, source, wait=committed == 0)
    position = max(committed, remembered.position)
    if position == 0:
        return Resumption(bounds.start, end=bounds.end)

    samples: list[Sample] = []
    if committed < remembered.position:
        samples.append(_report_forgotten(stage, source, committed, position))
    agreement = await check(log, source, remembered.landmarks, bounds)
    if agreement.differing is not None or position > bounds.end:
        resumed = await _truncation(log, source, agreement, bounds, position)
        samples.append(_report_truncated(stage, source, position, bounds, resumed))
        last = -1 if agreement.last is None else agreement.last
        intact = tuple(mark for mark in remembered.landmarks if mark.offset <= last)
        return Resumption(resumed, intact, tuple(samples), bounds.end)
    if position < bounds.start:
        samples += report_lost(stage, source, position, bounds.start)
    begin = max(position, bounds.start)
    return Resumption(begin, remembered.landmarks, tuple(samples), bounds.end)


async def correct(log: Log, stage: AnyStage, source: TopicPartition, position: int) -> Resumption:
    """Return the place at which to go on after the log refused to read at ``position``.

    Raises:
        LogTruncated: The log ends before the position. A new start finds out where they part.
    """
    bounds = await log.bounds(source)
    if position > bounds.end:
        raise truncated(stage, source, position, bounds)
    if position < bounds.start:
        lost = report_lost(stage, source, position, bounds.start)
        return Resumption(bounds.start, samples=tuple(lost))
    return Resumption(position)


async def verify(
    log: Log,
    stage: AnyStage,
    source: TopicPartition,
    position: int,
    landmarks: Sequence[Landmark],
) -> int:
    """Check that ``source`` still has the records of the ``landmarks``; return its end.

    Raises:
        LogTruncated: It lost some of them. A new start finds out where they part.
    """
    bounds = await log.bounds(source)
    if (await check(log, source, landmarks, bounds)).differing is not None:
        raise truncated(stage, source, position, bounds)
    return bounds.end


async def check(
    log: Log, source: TopicPartition, landmarks: Sequence[Landmark], bounds: Bounds
) -> Agreement:
    """Compare the records of ``source`` with the ``landmarks`` that retention has not passed."""
    marks = [mark for mark in landmarks if mark.offset >= bounds.start]
    offsets = [mark.offset for mark in marks if mark.offset < bounds.end]
    records = await log.read_at(source, offsets) if offsets else {}
    return agreement(marks, records)


def agreement(landmarks: Sequence[Landmark], records: Mapping[int, Record | None]) -> Agreement:
    """Return how far ``records``, by offset, are those of the ``landmarks``.

    A record that can't be read, which is None, says nothing.

    >>> from streams.core.record import Stored
    >>> record = Stored("news", 0, 7, 0, b"key", b"value", ())
    >>> agreement([Landmark(7, fingerprint(record)), Landmark(9, 0)], {7: record})
    Agreement(last=7, differing=9)
    """
    last: int | None = None
    for offset, expected, _ in landmarks:
        if offset not in records:
            return Agreement(last, offset)
        if record := records[offset]:
            if fingerprint(record) != expected:
                return Agreement(last, offset)
            last = offset
    return Agreement(last, None)


def truncated(
    stage: AnyStage, source: TopicPartition, position: int, bounds: Bounds
) -> LogTruncated:
    """Return the error of a log that was cut off while it was read."""
    return LogTruncated(
        f"{source.topic}-{source.partition} lost records on the broker: agent {stage.name} had "
        f"read up to offset {position}, and the log now reaches from {bounds.start} to "
        f"{bounds.end}; starting again goes back to where the log still agrees. Look for a power "
        "cut, a restored volume or an unclean leader election on the broker"
    )


def report_lost(stage: AnyStage, source: TopicPartition, begin: int, end: int) -> list[Sample]:
    """Log the records from ``begin`` to ``end``, which retention deleted; return their samples."""
    _log.error(
        "records lost to retention before they were read: "
        "raise retention.ms of the topic, or run the agent without such breaks",
        agent=stage.name,
        topic=source.topic,
        partition=source.partition,
        count=end - begin,
        **{"from": begin, "to": end},
    )
    return [
        Sample(RECORDS_LOST, end - begin, (source.topic,)),
        Sample(POSITIONS_CORRECTED, 1.0, ("retention",)),
    ]


async def _recall(log: Log, stage: AnyStage, source: TopicPartition, *, wait: bool) -> Remembered:
    """Return the last position record; with ``wait``, behind open transactions of others too."""
    if stage.positions is None:
        return Remembered()
    key, value = position_key(stage.group, source), None
    topic = TopicPartition(stage.positions, source.partition)
    end = (await log.bounds(topic)).end if wait else None
    try:
        async for records in log.scan(topic, 0, end):
            for record in records:
                if record.key == key:
                    value = record.value
    except UnreadableBatch as batch:
        raise positions_damaged(batch) from batch
    return Remembered.from_bytes(value) if value else Remembered()


async def _truncation(
    log: Log, source: TopicPartition, agreed: Agreement, bounds: Bounds, position: int
) -> int:
    """Return the offset from which on the log is not the one that was handled.

    What was written after a truncation was written under another leader. Without a landmark
    that agrees, the whole log may be new.
    """
    if agreed.last is None:
        return bounds.start
    change = await log.leader_change(source, agreed.last, min(position, bounds.end))
    if change is not None:
        return change
    is_shorter = agreed.differing is None or agreed.differing >= bounds.end
    return bounds.end if is_shorter else agreed.last + 1


def _report_forgotten(
    stage: AnyStage, source: TopicPartition, committed: int, position: int
) -> Sample:
    _log.warning(
        "the group's offset is behind what the agent remembers: it expired "
        "(offsets.retention.minutes) or was set back; nothing is processed twice",
        agent=stage.name,
        topic=source.topic,
        partition=source.partition,
        committed=committed,
        position=position,
    )
    return Sample(POSITIONS_CORRECTED, 1.0, ("expired",))


def _report_truncated(
    stage: AnyStage, source: TopicPartition, position: int, bounds: Bounds, resumed: int
) -> Sample:
    _log.error(
        "the log is not the one that was read: records were lost on the broker; reading goes "
        "back to where it still agrees. Look for a power cut, a restored volume, a topic that "
        "was made anew or an unclean leader election",
        agent=stage.name,
        topic=source.topic,
        partition=source.partition,
        position=position,
        start=bounds.start,
        end=bounds.end,
        corrected=resumed,
    )
    return Sample(POSITIONS_CORRECTED, 1.0, ("truncated",))
