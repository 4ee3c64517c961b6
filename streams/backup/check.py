"""Check a backup as a whole, and find out what an import must know before it begins."""

from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from streams.backup.backup_lines import BackupEnd, Heading, Section, SectionEnd
from streams.backup.backup_plan import BackupPlan, Say
from streams.backup.backup_reader import Portion, read_backup
from streams.core.errors import BadBackup
from streams.core.record import Stored, TopicPartition

_FRAME_BYTES: Final = 130
"""Bytes of a record besides its key, value and headers, if it has a batch of its own."""
_MAX_LENGTH: Final = 5
"""Bytes of a length at most, as a variable-length number."""


@dataclass(slots=True)
class Waiting:
    """The records of one source partition that a backup has.

    Attributes:
        section: The section.
        count: The number of records.
        handled: The number of records, the first ones, that each agent has handled.
        numbers: The number of each record that a memory names, by its offset; the first is 0.
        oldest: The lowest timestamp of a record, in milliseconds; None without records.
        size: The bytes that they take in a topic at most, without compression.
    """

    section: Section
    count: int = 0
    handled: dict[str, int] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    oldest: int | None = None
    size: int = 0


@dataclass(slots=True)
class CheckedBackup:
    """A backup whose sums are right; topics are named without prefix.

    Attributes:
        path: The file.
        heading: Its first line.
        sections: Each section with its end.
        waiting: The records that agents need, by source partition.
        offset_values: The values of entries that name offsets, by partition of the changelog.
        end: Its last line.
    """

    path: Path
    heading: Heading
    sections: list[tuple[Section, SectionEnd]] = field(default_factory=list)
    waiting: dict[TopicPartition, Waiting] = field(default_factory=dict)
    offset_values: dict[TopicPartition, bytes | None] = field(default_factory=dict)
    end: BackupEnd = field(default_factory=lambda: BackupEnd(0, 0, ""))

    def position(self, plan: BackupPlan, changelog: str, partition: int) -> int:
        """Return the position of the stage with this changelog in its source; 0 without one."""
        for stage in plan.stages:
            source = TopicPartition(plan.short(stage.source), partition)
            if stage.changelog == plan.topic(changelog) and (waiting := self.waiting.get(source)):
                return waiting.section.positions.get(stage.name, 0)
        return 0


def check_backup(path: Path, plan: BackupPlan, say: Say) -> CheckedBackup:
    """Read the backup ``path`` to its end, and return what is in it.

    Raises:
        BadBackup: The file is damaged, truncated, foreign, or of a newer release.
        OSError: It can't be read.
    """
    contents = read_backup(path)
    heading, section, count = next(contents), Section("", 0, {}), 0
    if not isinstance(heading, Heading):
        raise BadBackup(f"{path} has no heading")
    backup = CheckedBackup(path, heading)
    for content in contents:
        match content:
            case Section():
                section, count = content, 0
                begin_section(backup, section, plan)
            case Portion():
                count += len(content.records)
                check_entries(backup, content, plan)
                count_waiting(backup, content, plan)
                say(str(section), count)
            case SectionEnd():
                backup.sections.append((section, content))
            case BackupEnd():
                backup.end = content
    return backup


def begin_section(backup: CheckedBackup, section: Section, plan: BackupPlan) -> None:
    """Check that a section is known, and has not come before; add it to ``backup``.

    Raises:
        BadBackup: It is not.
    """
    topic, partition, positions = section
    readers = {stage.name for stage in plan.readers(topic)}
    is_source = bool(readers) and positions and positions.keys() <= readers
    is_memory = topic in plan.memories and not positions
    if not (is_source or is_memory) or topic not in backup.heading.partitions:
        raise BadBackup(
            f"{backup.path} has {section}, of which this release knows nothing: take the release "
            f"that wrote it ({backup.heading.release}), or a later one"
        )
    if any((topic, partition) == before[:2] for before, _ in backup.sections):
        raise BadBackup(f"{backup.path} has {section} twice: take another copy of it")
    if is_source:
        waiting = Waiting(section, handled=dict.fromkeys(positions, 0))
        backup.waiting[TopicPartition(topic, partition)] = waiting


def check_entries(backup: CheckedBackup, portion: Portion, plan: BackupPlan) -> None:
    """Check the records of a memory; keep the last value of an entry that names offsets.

    Raises:
        BadBackup: No agent of this release writes one of them.
    """
    topic, partition, positions = portion.section
    if positions:
        return
    entry = plan.offset_entries.get(topic)
    for record in portion.records:
        try:
            plan.check(topic, record.key or b"", record.value)
        except ValueError as error:
            raise BadBackup(
                f"{backup.path} has in {portion.section}, offset {record.offset}, an entry that "
                f"agents of this release do not write: {error}"
            ) from error
        if entry and record.key == entry.key:
            backup.offset_values[TopicPartition(topic, partition)] = record.value


def count_waiting(backup: CheckedBackup, portion: Portion, plan: BackupPlan) -> None:
    """Count what agents have handled of a source, and number what their memory names."""
    topic, partition, positions = portion.section
    waiting = backup.waiting.get(TopicPartition(topic, partition))
    if waiting is None:
        return
    offsets = [record.offset for record in portion.records]
    for name, position in positions.items():
        waiting.handled[name] += bisect_left(offsets, position)
    for stage in plan.readers(topic):
        entry = plan.offset_entry(stage)
        changelog = TopicPartition(plan.short(stage.changelog or ""), partition)
        value = backup.offset_values.get(changelog)
        named = entry.offsets(value) if entry and value else ()
        for order, offset in enumerate(named):
            index = bisect_left(offsets, offset)
            # The first one may be gone with retention: what follows it is then the oldest.
            is_there = index < len(offsets) and (order == 0 or offsets[index] == offset)
            if is_there:
                waiting.numbers.setdefault(offset, waiting.count + index)
    oldest = min(record.timestamp for record in portion.records)
    waiting.oldest = oldest if waiting.oldest is None else min(waiting.oldest, oldest)
    waiting.count += len(offsets)
    waiting.size += sum(size_of(record) for record in portion.records)


def size_of(record: Stored) -> int:
    """Return the bytes that a record takes in a topic at most, without compression.

    >>> size_of(Stored("news.raw", 0, 0, 0, b"key", b"value", [("name", b"text")]))
    156
    """
    headers = sum(len(name) + len(value or b"") + 2 * _MAX_LENGTH for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers + _FRAME_BYTES
