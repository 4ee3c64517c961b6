"""Dead letters as they lie in their topic, each with its address and its state."""

import re
from collections.abc import AsyncIterator
from typing import Final, Literal, NamedTuple

from agents.dead_letters.replay_records import ReplayRecords
from schemas.dead_letter import DeadLetter
from streams.core.log import Log
from streams.core.record import Record, TopicPartition

State = Literal["waiting", "replayed", "quarantined"]

QUARANTINE_AFTER: Final = 3
"""Replays after which a letter that failed again is left alone."""
_ADDRESS: Final = re.compile(r"(\d{1,9})@(\d{1,18})", re.ASCII)


class Address(NamedTuple):
    """The place of a dead letter in its topic.

    >>> str(Address(3, 41)), Address.parse("3@41"), Address.parse("news.dead")
    ('3@41', Address(partition=3, offset=41), None)
    """

    partition: int
    offset: int

    @classmethod
    def parse(cls, text: str) -> "Address | None":
        """Return the address that ``text`` writes as ``PARTITION@OFFSET``, None if it is none."""
        match = _ADDRESS.fullmatch(text)
        return cls(int(match[1]), int(match[2])) if match else None

    def __str__(self) -> str:
        return f"{self.partition}@{self.offset}"


class Letter(NamedTuple):
    """A dead letter.

    Attributes:
        record: The record in the topic of dead letters.
        reason: What its headers say.
    """

    record: Record
    reason: DeadLetter

    @classmethod
    def of(cls, record: Record) -> "Letter":
        """Return the dead letter that ``record`` is, whoever wrote it."""
        return cls(record, DeadLetter.from_headers(record.headers))

    @property
    def address(self) -> Address:
        """The place in the topic of dead letters."""
        return Address(self.record.partition, self.record.offset)

    @property
    def origin(self) -> str:
        """The place of the record that failed, as topic/partition@offset."""
        return f"{self.reason.topic}/{self.reason.partition}@{self.reason.offset}"

    def state(self, replayed: ReplayRecords, quarantine_after: int = QUARANTINE_AFTER) -> State:
        """Return whether the letter waits, was replayed, or failed too often."""
        if replayed.find(self.record):
            return "replayed"
        return "quarantined" if self.reason.replays >= quarantine_after else "waiting"


async def read_letters(log: Log, source: TopicPartition) -> AsyncIterator[Letter]:
    """Yield the dead letters of a partition up to its end now; unreadable batches are logged."""
    end = (await log.bounds(source)).end
    async for records in log.scan(source, 0, end, pass_unreadable=True):
        for record in records:
            yield Letter.of(record)
