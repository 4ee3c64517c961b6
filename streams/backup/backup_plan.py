"""The content of a pipeline's backups: memories, and what lies between the positions of agents."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from streams.core.log import Log
from streams.core.stage import AnyStage
from streams.growth.layout import Layout

Say = Callable[[str, int], None]
"""Receives the partition or topic that is worked on, and the number of its records so far."""
CheckEntry = Callable[[str, bytes, bytes | None], None]
"""Raises a ValueError for a topic's entry, key and value, that its writer did not write."""
CarryEntry = Callable[[bytes, int], bytes]
"""Returns a changelog's value as an import writes it, given the position that its stage had in the
log that the value was made from; the new log has none of the records before that."""


@dataclass(frozen=True, slots=True)
class OffsetEntry:
    """The entry of a changelog that names offsets of the stage's source.

    Attributes:
        key: The key of the entry.
        offsets: Returns the offsets in a value; the first is the lowest, from which on the stage
            needs its source's records.
        moved: Returns the value with other offsets in it; an offset without one names a record
            that is gone.
    """

    key: bytes
    offsets: Callable[[bytes], Sequence[int]]
    moved: Callable[[bytes, Mapping[int, int]], bytes]


@dataclass(frozen=True, slots=True)
class BackupPlan:
    """The content of a backup. Topics are named without the prefix, except by stages.

    Attributes:
        prefix: The prefix of all topics.
        stages: The stages whose positions are kept.
        memories: The compacted topics that are kept as they are.
        written: The topics that stages write: they stand still while no worker runs, and are empty
            before the first one runs.
        positions: The topic of positions.
        import_group: The group that imports; with the topic of positions it names the
            transactional id.
        offset_entries: The entries that name offsets, by changelog.
        check: Checks the entries of memories.
        optional: The names of stages that many pipelines never run: what such a stage has not read
            waits for it only if it has handled something.
        carried: Changes the entries of a changelog, by changelog.
    """

    prefix: str
    stages: Sequence[AnyStage]
    memories: Sequence[str]
    written: Collection[str]
    positions: str
    import_group: str
    offset_entries: Mapping[str, OffsetEntry]
    check: CheckEntry
    optional: Collection[str] = ()
    carried: Mapping[str, CarryEntry] = field(default_factory=dict)

    def topic(self, name: str) -> str:
        """Return the full name of a topic."""
        return self.prefix + name

    def short(self, topic: str) -> str:
        """Return the name of a topic without the prefix."""
        return topic.removeprefix(self.prefix)

    @property
    def sources(self) -> Sequence[str]:
        """The topics that stages read, each once, in the order of the stages."""
        return tuple(dict.fromkeys(self.short(stage.source) for stage in self.stages))

    def readers(self, source: str) -> Sequence[AnyStage]:
        """Return the stages that read a topic."""
        return [stage for stage in self.stages if self.short(stage.source) == source]

    def offset_entry(self, stage: AnyStage) -> OffsetEntry | None:
        """Return the entry of the stage's changelog that names offsets, None without one."""
        return self.offset_entries.get(self.short(stage.changelog or ""))


class Pipeline(NamedTuple):
    """A pipeline that is backed up, or that a backup is imported into.

    Attributes:
        log: Where its topics are.
        plan: The content of its backups.
        layout: The partitions of its topics.
    """

    log: Log
    plan: BackupPlan
    layout: Layout
