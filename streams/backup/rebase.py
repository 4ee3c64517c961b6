"""Give agents the offsets that the records of a backup have in their new log.

A position is the number of handled records there, and a memory that names records names them by
their new offsets. Markers of transactions take offsets too, so they are read from the log.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from streams.backup.backup_plan import BackupPlan, Pipeline
from streams.backup.check import CheckedBackup, Waiting
from streams.core.errors import Misconfigured
from streams.core.record import Message, Record, TopicPartition
from streams.core.stage import AnyStage
from streams.positions.landmarks import PositionNotes


@dataclass(slots=True)
class _Reader:
    """A stage that had handled some of the records.

    Attributes:
        stage: The stage.
        handled: The number of records, the first ones, that it had handled.
        notes: Makes the position record.
        position: The offset of the next record to handle.
        messages: The position record.
    """

    stage: AnyStage
    handled: int
    notes: PositionNotes
    position: int = 0
    messages: list[Message] = field(default_factory=list)

    def see(self, number: int, records: Sequence[Record]) -> None:
        """Look at ``records``, the first of which has the number ``number``."""
        if before := records[: max(0, self.handled - number)]:
            self.position = before[-1].offset + 1
            self.messages = self.notes.note(self.position, before)


async def rebase(pipeline: Pipeline, backup: CheckedBackup, waiting: Waiting) -> None:
    """Write the positions in one imported source partition, and what memories say of its records.

    A stage that had handled none of the records needs nothing: it begins at the start. An optional
    one is given that as its position, so that a later backup has what waits for it.

    Raises:
        Misconfigured: The log has other records than the backup.
    """
    log, plan, _ = pipeline
    topic, partition, _ = waiting.section
    source = TopicPartition(plan.topic(topic), partition)
    entries = {
        stage.name: _OffsetValue(plan, backup, stage, partition) for stage in plan.readers(topic)
    }
    readers = [
        _Reader(stage, waiting.handled[stage.name], PositionNotes(stage, source))
        for stage in plan.readers(topic)
        if waiting.handled.get(stage.name)
        or entries[stage.name].names_offsets
        or (stage.name in waiting.handled and stage.name in plan.optional)
    ]
    if not readers:
        return
    offsets, count = dict[int, int](), 0
    async for records in log.scan(source, has_gaps=False):
        for reader in readers:
            reader.see(count, records)
        for offset, number in waiting.numbers.items():
            if count <= number < count + len(records):
                offsets[offset] = records[number - count].offset
        count += len(records)
    if count != waiting.count:
        raise Misconfigured(
            f"{source.topic}-{source.partition} has {count} records, and the backup "
            f"{waiting.count}: another program writes there, or retention deletes them"
        )
    for reader in readers:
        session = await log.open(reader.stage.group, source)
        position = reader.messages or reader.notes.note(0, ())
        messages = [*entries[reader.stage.name].moved(offsets), *position]
        await session.commit(messages, reader.position)
        await session.close()


class _OffsetValue:
    """The entry of a stage's memory that names offsets, as the backup has it."""

    def __init__(
        self, plan: BackupPlan, backup: CheckedBackup, stage: AnyStage, partition: int
    ) -> None:
        self._changelog = TopicPartition(stage.changelog or "", partition)
        self._entry = plan.offset_entry(stage)
        short = TopicPartition(plan.short(self._changelog.topic), partition)
        self._value = backup.offset_values.get(short)

    @property
    def names_offsets(self) -> bool:
        """Whether there is an offset in it."""
        return bool(self._entry and self._value and self._entry.offsets(self._value))

    def moved(self, offsets: dict[int, int]) -> list[Message]:
        """Return the entry with the offsets of the new log."""
        if not (self._entry and self._value):
            return []
        topic, partition = self._changelog
        value = self._entry.moved(self._value, offsets)
        return [Message(topic, self._entry.key, value, partition=partition)]
