"""Export the memory and the positions of agents, while no worker runs.

A backup is a cut through all topics: what was committed before it is there, and nothing after it.
Transactions reach over many partitions, and a reader can't tell which of them belong together. So
nothing may be committed while the backup is made: at the end it is checked that nothing was.

Memories come before the records that wait. A source commits its memory with what it sent, and may
go on: what is sent after its memory was read is sent again, and known for a copy.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from streams.backup.backup_lines import BackupEnd, Heading, Section, SectionEnd
from streams.backup.backup_plan import Pipeline, Say
from streams.backup.backup_writer import BackupWriter, new_backup
from streams.core.errors import Misconfigured
from streams.core.record import Record, TopicPartition
from streams.core.stage import AnyStage
from streams.positions.landmarks import position_key
from streams.positions.resume import find_resumption

_STOP: Final = "stop all workers, `newsquake dlq` and `newsquake topics`, then export again"


class Exported(NamedTuple):
    """The content of a backup that was written.

    Attributes:
        sections: Each section with its end.
        end: The end of the backup.
    """

    sections: list[tuple[Section, SectionEnd]]
    end: BackupEnd


async def export(pipeline: Pipeline, heading: Heading, path: Path, say: Say) -> Exported:
    """Write the backup ``path``; it appears only once it is complete.

    Raises:
        Misconfigured: Something was committed meanwhile, or a memory has foreign entries.
        UnreadableBatch: A record can't be read.
        OSError: The file can't be written, or exists.
    """
    log, plan, layout = pipeline
    with new_backup(path) as writer:
        kept = {*plan.memories, *plan.sources}
        standing = [*(name for name in plan.written if name in kept), plan.positions]
        still = {
            source: (await log.bounds(source)).end
            for topic in map(plan.topic, standing)
            for source in (TopicPartition(topic, number) for number in range(layout.counts[topic]))
        }
        exporter = _Exporter(pipeline, writer, still, say)
        writer.begin(heading)
        for topic in plan.memories:
            await exporter.memory(topic)
        for topic in plan.sources:
            await exporter.source(topic)
        for source, end in still.items():
            if (now := (await log.bounds(source)).end) == end:
                continue
            async for records in log.scan(source, end, now):
                if records:
                    raise Misconfigured(
                        f"{source.topic}-{source.partition} was written meanwhile: {_STOP}"
                    )
        return Exported(exporter.sections, writer.end())


class _Exporter:
    """Writes the sections of a backup."""

    def __init__(
        self,
        pipeline: Pipeline,
        writer: BackupWriter,
        still: Mapping[TopicPartition, int],
        say: Say,
    ) -> None:
        self._log, self._plan, self._layout = pipeline
        self._writer, self._still, self._say = writer, still, say
        self._offset_values: dict[TopicPartition, bytes | None] = {}
        self._section, self._count = Section("", 0, {}), 0
        self.sections: list[tuple[Section, SectionEnd]] = []

    async def memory(self, topic: str) -> None:
        """Write all partitions of a compacted topic, tombstones too: Kafka compacts them anew."""
        entry = self._plan.offset_entries.get(topic)
        for source in self._partitions(topic):
            self._begin(Section(topic, source.partition, {}))
            async for records in self._log.scan(source, 0, await self._end(source)):
                for record in records:
                    self._check(topic, record)
                    if entry and record.key == entry.key:
                        self._offset_values[source] = record.value
                self._write(records)
            self._end_section()

    async def source(self, topic: str) -> None:
        """Write the records of a source that agents need: those that wait, and unread ones."""
        sources = self._partitions(topic)
        readers = [stage for stage in self._plan.readers(topic) if await self._runs(stage, sources)]
        for source in sources if readers else ():
            positions, begins = dict[str, int](), list[int]()
            for stage in readers:
                position = (await find_resumption(self._log, stage, source)).position
                positions[stage.name] = position
                begins.append(min([position, *self._offsets(stage, source.partition)]))
            begin = max(min(begins), (await self._log.bounds(source)).start)
            self._begin(Section(topic, source.partition, positions))
            end = await self._end(source)
            async for records in self._log.scan(source, begin, end, has_gaps=False):
                self._write(records)
            self._end_section()
            if (start := (await self._log.bounds(source)).start) > begin:
                raise Misconfigured(
                    f"records of {source.topic}-{source.partition} up to offset {start} went with "
                    "retention while they were exported: raise retention.ms of the topic, or "
                    "export again"
                )

    async def _runs(self, stage: AnyStage, sources: Sequence[TopicPartition]) -> bool:
        """Return whether records wait for a stage: for an optional one if it has a position."""
        if stage.name not in self._plan.optional:
            return True
        for source in sources:
            if await self._log.committed(stage.group, source):
                return True
            key = position_key(stage.group, source)
            positions = TopicPartition(self._plan.topic(self._plan.positions), source.partition)
            async for records in self._log.scan(positions, 0, self._still[positions]):
                if any(record.key == key and record.value for record in records):
                    return True
        return False

    def _offsets(self, stage: AnyStage, partition: int) -> Sequence[int]:
        """Return the offsets of the source that the memory of a stage names."""
        entry = self._plan.offset_entry(stage)
        changelog = TopicPartition(stage.changelog or "", partition)
        value = self._offset_values.get(changelog)
        return entry.offsets(value) if entry and value else ()

    def _partitions(self, topic: str) -> list[TopicPartition]:
        name = self._plan.topic(topic)
        return [TopicPartition(name, number) for number in range(self._layout.counts[name])]

    async def _end(self, source: TopicPartition) -> int:
        """Return the offset before which records are exported."""
        end = self._still.get(source)
        return (await self._log.bounds(source)).end if end is None else end

    def _begin(self, section: Section) -> None:
        self._section, self._count = section, 0
        self._writer.begin_section(section)

    def _write(self, records: Sequence[Record]) -> None:
        self._writer.write(records)
        self._count += len(records)
        self._say(str(self._section), self._count)

    def _end_section(self) -> None:
        self.sections.append((self._section, self._writer.end_section()))

    def _check(self, topic: str, record: Record) -> None:
        try:
            self._plan.check(topic, record.key or b"", record.value)
        except ValueError as error:
            raise Misconfigured(
                f"{record.topic}-{record.partition} has at offset {record.offset} an entry that no "
                f"agent wrote ({error}): another program writes there. A worker would not start "
                "from it either; write a tombstone with the same key"
            ) from error
