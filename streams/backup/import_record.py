"""The memory of an import: how far it has come, in the transactions that bring it there."""

from typing import Final, NamedTuple, Self

import orjson

from streams.core.log import Log
from streams.core.record import Message, TopicPartition
from streams.growth.layout import LAYOUT_KEY, Layout

_KEY: Final = b"import"
"""The key of the import record, in partition 0 of the topic of positions."""


class ImportRecord(NamedTuple):
    """The content of an import record.

    Attributes:
        backup: The sum of the backup.
        records: The number of its records that are imported.
        is_finished: Whether agents may go on from it.
    """

    backup: str
    records: int = 0
    is_finished: bool = False

    @classmethod
    def from_bytes(cls, value: bytes) -> Self:
        """Return the content of the import record ``value``."""
        return cls(**orjson.loads(value))

    def to_message(self, positions: str) -> Message:
        """Return the record for the topic of positions."""
        return Message(positions, _KEY, orjson.dumps(self._asdict()), partition=0)


def layout_message(positions: str, layout: Layout) -> Message:
    """Return the layout record for the topic of positions."""
    return Message(positions, LAYOUT_KEY, layout.to_bytes(), partition=0)


def forget_import(positions: str) -> Message:
    """Return the tombstone of an import record, for an import that wrote nothing."""
    return Message(positions, _KEY, None, partition=0)


async def read_import_record(log: Log, positions: str) -> ImportRecord | None:
    """Return the import record of the cluster, None if nothing was imported.

    Transactions that are open are waited for.
    """
    source, value = TopicPartition(positions, 0), None
    async for records in log.scan(source, 0, (await log.bounds(source)).end):
        for record in records:
            value = record.value if record.key == _KEY else value
    return ImportRecord.from_bytes(value) if value else None
