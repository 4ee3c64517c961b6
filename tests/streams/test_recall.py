"""Memory is recalled from the changelog: what was committed, no more and no less."""

from collections.abc import Sequence

import pytest

from streams.core.record import Message, Record
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog
from tests.streams.conftest import Counting, Memory, counting


async def counts(log: MemoryLog, *sent: tuple[bytes, bytes]) -> list[bytes]:
    """Start a stage on ``log``, send it keys and values, and return their counts."""
    before = len(log.read("out"))
    log.append([Message("in", key, value) for key, value in sent])
    await drain(log, counting(), chunk=1)
    return [dict(record.headers)["count"] for record in log.read("out")[before:]]


async def recalled(log: MemoryLog) -> dict[int, list[tuple[bytes, bytes | None]]]:
    """Start a stage on ``log`` and return the changelog entries it recalls, by partition."""
    handler = Counting()
    await drain(log, counting(handler=handler))
    return handler.recalled


async def test_a_restart_goes_on_where_the_last_commit_was() -> None:
    """Baselines and seen articles would be lost whenever a worker starts."""
    log = MemoryLog(partitions=1)
    assert await counts(log, (b"k", b"a"), (b"k", b"b")) == [b"1", b"2"]
    assert await counts(log, (b"k", b"c")) == [b"3"]


async def test_the_last_value_wins_and_tombstones_are_forgotten() -> None:
    """A worker would start with memory that was changed or deleted long ago, and grow with it."""
    log = MemoryLog(partitions=1)
    await counts(log, (b"a", b"x"), (b"b", b"x"), (b"a", b"x"), (b"b", b"forget"))
    assert await recalled(log) == {0: [(b"a", b"2")]}
    assert await counts(log, (b"b", b"x")) == [b"1"]


async def test_entries_come_in_the_order_of_their_last_change() -> None:
    """A memory that forgets its oldest entries first would forget others after a restart."""
    log = MemoryLog(partitions=1)
    await counts(log, (b"a", b"x"), (b"b", b"x"))
    await counts(log, (b"a", b"x"))
    assert await recalled(log) == {0: [(b"b", b"1"), (b"a", b"2")]}


async def test_each_partition_recalls_its_own() -> None:
    """Partitions that move between workers would take each other's memory along."""
    log = MemoryLog(partitions=2)
    log.append([Message("in", b"k", b"x", partition=partition) for partition in (0, 1)])
    await drain(log, counting())
    assert await recalled(log) == {0: [(b"k", b"1")], 1: [(b"k", b"1")]}


async def test_a_stage_without_changelog_starts_fresh() -> None:
    """Stages that remember nothing would need a topic that they never write."""
    log, handler = MemoryLog(partitions=1, topics=frozenset({"in", "out"})), Counting()
    await drain(log, counting(handler=handler, changelog=None))
    assert handler.recalled == {0: []}


class Rereading(Counting):
    """Asks for the records from an offset on."""

    def __init__(self, begin: int | None) -> None:
        super().__init__()
        self.begin = begin
        self.reread_values: list[bytes | None] = []

    def reread_from(self, memory: Memory) -> int | None:
        return self.begin

    def reread(self, memory: Memory, records: Sequence[Record]) -> None:
        self.reread_values += [record.value for record in records]


async def test_records_that_a_handler_holds_back_are_read_again() -> None:
    """A stage that holds records back would lose them, or take new ones in twice."""
    log = MemoryLog(partitions=1)
    await counts(log, (b"k", b"a"), (b"k", b"b"), (b"k", b"c"))
    log.append([Message("in", b"k", b"new")])
    for begin, expected in ((1, [b"b", b"c"]), (None, []), (3, [])):
        handler = Rereading(begin)
        copy = MemoryLog(1, None, {}, log._records, log._epochs, dict(log._committed))
        await drain(copy, counting(handler=handler))
        assert handler.reread_values == expected


class Rebuilding(Rereading):
    """Asks for all records that there are."""

    def rereads_all(self, memory: Memory) -> bool:
        return True


@pytest.mark.parametrize("begin", [None, 2])
async def test_a_memory_that_is_rebuilt_reads_all_that_the_log_has(begin: int | None) -> None:
    """A detector with other settings would begin with what waits, and know nothing else."""
    log, handler = MemoryLog(partitions=1), Rebuilding(begin)
    await counts(log, (b"k", b"a"), (b"k", b"b"), (b"k", b"c"))
    await drain(log, counting(handler=handler))
    assert handler.reread_values == [b"a", b"b", b"c"]
