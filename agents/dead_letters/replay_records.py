"""The memory of replays: a replay record for each dead letter that was replayed.

It is written in the transaction that writes the replayed record, so a replay that is killed goes on
where it was, and no letter is replayed twice. It names the timestamp of its letter, because a
topic that was made anew has other letters at the same offsets.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import orjson

from streams.core.errors import Misconfigured
from streams.core.log import Log
from streams.core.record import Message, Record, TopicPartition

Place = tuple[int, int]
"""Partition and offset of the dead letter."""
_KEY: Final = re.compile(rb"(\d{1,9})@(\d{1,18})")


class ReplayRecord(NamedTuple):
    """One replay of a dead letter.

    Attributes:
        timestamp: The timestamp of the dead letter, in milliseconds since the epoch.
        topic: The full name of the topic that the record went to.
        replayed_at: When, in milliseconds since the epoch.
        is_fixed: Whether its value was changed.
    """

    timestamp: int
    topic: str
    replayed_at: int
    is_fixed: bool

    def to_message(self, topic: str, place: Place) -> Message:
        """Return the record that remembers it in the topic ``topic``."""
        return Message(topic, _key(place), orjson.dumps(self._asdict()), partition=0)


class ReplayRecords:
    """The replay records of all dead letters that were replayed."""

    def __init__(self, records: Mapping[Place, ReplayRecord]) -> None:
        self._records = dict(records)

    def find(self, record: Record) -> ReplayRecord | None:
        """Return the replay record of the dead letter ``record``, None if it was never replayed."""
        entry = self._records.get((record.partition, record.offset))
        return entry if entry and entry.timestamp == record.timestamp else None

    def forgetting(self, topic: str, starts: Mapping[int, int]) -> list[Message]:
        """Return tombstones for the topic ``topic``, for letters that are no longer kept.

        ``starts`` are the first offsets that are kept, by partition.
        """
        gone = [place for place in self._records if place[1] < starts.get(place[0], 0)]
        return [Message(topic, _key(place), None, partition=0) for place in sorted(gone)]


async def read_replay_records(log: Log, topic: str) -> ReplayRecords:
    """Return all replay records in ``topic``. Open transactions are waited for.

    Raises:
        UnreadableBatch: The topic can't be read as a whole, so that letters may seem to wait that
            were replayed.
        Misconfigured: It holds something else than replay records.
    """
    source = TopicPartition(topic, 0)
    end, replayed = (await log.bounds(source)).end, dict[Place, ReplayRecord]()
    async for records in log.scan(source, 0, end):
        _apply(records, replayed)
    return ReplayRecords(replayed)


def _apply(records: Iterable[Record], replayed: dict[Place, ReplayRecord]) -> None:
    for record in records:
        match = _KEY.fullmatch(record.key or b"")
        if match is None:
            continue  # it is about no letter
        place = int(match[1]), int(match[2])
        if record.value is None:
            replayed.pop(place, None)
            continue
        try:
            fields = orjson.loads(record.value)
            replayed[place] = ReplayRecord(*(fields[name] for name in ReplayRecord._fields))
        except (orjson.JSONDecodeError, TypeError, KeyError) as error:
            raise Misconfigured(
                f"{record.topic} has a record at offset {record.offset} that is no replay record: "
                "letters that were replayed may seem to wait. Another program writes there; write "
                "a tombstone with the same key"
            ) from error


def _key(place: Place) -> bytes:
    return b"%d@%d" % place
