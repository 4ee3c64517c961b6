"""The position of a stage in a source partition, as the stage itself remembers it.

Kafka forgets the committed offset of a group that was away for seven days
(``offsets.retention.minutes``). So each transaction that moves the offset also writes a *position
record* to a compacted topic. Its *landmarks* are fingerprints of records that were handled: a log
that was cut off and written anew has other records at their offsets.
"""

import zlib
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from streams.core.errors import Misconfigured, UnreadableBatch
from streams.core.record import Message, Record, TopicPartition
from streams.core.stage import AnyStage

_MAX_LANDMARKS = 8
"""Landmarks of a position record: few bytes in each transaction, and few reads at a start."""
_MAX_TERM_LANDMARKS = 8
"""The same for landmarks after changes of the leader."""


def positions_damaged(batch: UnreadableBatch) -> Misconfigured:
    """Return the error of a topic of positions and layouts that can't be read as a whole."""
    return Misconfigured(
        f"what agents remember of positions and of the layout is incomplete: {batch}. Bring the "
        "partition back from another replica or a backup. If there is none, stop all workers, "
        f"delete the topic {batch.topic} and run `newsquake topics create`: agents then go on at "
        "the offsets of their groups"
    )


class Landmark(NamedTuple):
    """A record that was handled.

    Attributes:
        offset: The offset of the record.
        fingerprint: The CRC-32 of its key and value.
        begins_term: Is true for the first record after a place at which another leader may have
            begun. Where a log was cut off is a change of the leader too, and must be told from
            those before it.
    """

    offset: int
    fingerprint: int
    begins_term: bool = False


class Remembered(NamedTuple):
    """The content of a position record.

    Attributes:
        position: The offset of the next record to handle.
        landmarks: Records that were handled, by offset; the distances between them grow with
            the distance from the last.
    """

    position: int = 0
    landmarks: tuple[Landmark, ...] = ()

    @classmethod
    def from_bytes(cls, value: bytes) -> "Remembered":
        """Return the content of the position record ``value``."""
        content = orjson.loads(value)
        landmarks = tuple(Landmark(*landmark) for landmark in content["landmarks"])
        return cls(content["position"], landmarks)

    def to_bytes(self) -> bytes:
        """Return the value of a position record."""
        landmarks = [tuple(mark) if mark.begins_term else mark[:2] for mark in self.landmarks]
        return orjson.dumps({"position": self.position, "landmarks": landmarks})


def fingerprint(record: Record) -> int:
    """Return the CRC-32 of the key and the value of ``record``."""
    return zlib.crc32(record.value or b"", zlib.crc32(record.key or b""))


def sample(records: Sequence[Record]) -> Sequence[Record]:
    """Return at most eight of ``records``, evenly spaced, the first and the last among them."""
    if len(records) <= _MAX_LANDMARKS:
        return records
    last, intervals = len(records) - 1, _MAX_LANDMARKS - 1
    return [records[last * index // intervals] for index in range(_MAX_LANDMARKS)]


def add_landmark(
    landmarks: Sequence[Landmark], record: Record, *, begins_term: bool = False
) -> tuple[Landmark, ...]:
    """Return ``landmarks`` with one of ``record``, and without the least useful one of too many.

    The least useful one has its neighbours close, compared with its distance from the last. The
    first one stays.

    >>> from streams.core.record import Stored
    >>> landmarks = ()
    >>> for offset in range(1000):
    ...     landmarks = add_landmark(landmarks, Stored("a", 0, offset, 0, None, b"", ()))
    >>> [landmark.offset for landmark in landmarks]
    [0, 733, 962, 983, 991, 996, 998, 999]
    """
    extended = (*landmarks, Landmark(record.offset, fingerprint(record), begins_term))
    alike = [index for index, mark in enumerate(extended) if mark.begins_term == begins_term]
    if len(alike) <= (_MAX_TERM_LANDMARKS if begins_term else _MAX_LANDMARKS):
        return extended
    least = min(alike[1:-1], key=lambda index: _usefulness(extended, index))
    return extended[:least] + extended[least + 1 :]


def _usefulness(landmarks: Sequence[Landmark], index: int) -> float:
    gap = landmarks[index + 1].offset - landmarks[index - 1].offset
    return gap / (landmarks[-1].offset - landmarks[index].offset)


def position_key(group: str, source: TopicPartition) -> bytes:
    """Return the key of the position record of ``group`` in ``source``."""
    return f"{group}|{source.topic}|{source.partition}".encode()


class PositionNotes:
    """Writes the position records of one source partition.

    Attributes:
        landmarks: The landmarks of the next record.
    """

    def __init__(
        self, stage: AnyStage, source: TopicPartition, landmarks: Sequence[Landmark] = ()
    ) -> None:
        self._topic = stage.positions
        self._partition = source.partition
        self._key = position_key(stage.group, source)
        self.landmarks = tuple(landmarks)
        self._term_begin: int | None = None

    def begin_term(self, end: int) -> None:
        """Note that another leader may have begun to write before ``end``, the end of the log."""
        self._term_begin = end

    def note(self, position: int, handled: Sequence[Record]) -> list[Message]:
        """Return the position record to write with ``position``; none in a stage without.

        ``handled`` are records that were handled since the last note, in order.
        """
        if self._topic is None:
            return []
        for record in sample(handled):
            begins = self._term_begin is not None and record.offset >= self._term_begin
            self.landmarks = add_landmark(self.landmarks, record, begins_term=begins)
            self._term_begin = None if begins else self._term_begin
        value = Remembered(position, self.landmarks).to_bytes()
        return [Message(self._topic, self._key, value, partition=self._partition)]
