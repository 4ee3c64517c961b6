"""Memory is recalled from the changelog: what was committed, no more and no less."""

from collections.abc import Callable, Sequence
from typing import Any

from streams.core.record import Message, Record
from streams.core.stage import Stage
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog
from tests.streams.conftest import Counting, Memory

Stages = Callable[..., Stage[Any]]


async def counts(log: MemoryLog, stage: Stage[Any], *sent: tuple[bytes, bytes]) -> list[bytes]:
    """What the last of ``sent`` records were counted as, after a start on ``log``."""
    before = len(log.read("out"))
    log.append([Message("in", key, value) for key, value in sent])
    await drain(log, stage, chunk=1)
    return [dict(record.headers)["count"] for record in log.read("out")[before:]]


async def test_a_restart_goes_on_where_the_last_commit_was(counting: Stages) -> None:
    """Baselines and seen articles would be lost whenever a worker starts."""
    log = MemoryLog(partitions=1)
    assert await counts(log, counting(), (b"k", b"a"), (b"k", b"b")) == [b"1", b"2"]
    assert await counts(log, counting(), (b"k", b"c")) == [b"3"]


async def test_the_last_value_wins_and_tombstones_are_forgotten(counting: Stages) -> None:
    """A worker would start with memory that was changed or deleted long ago, and grow with it."""
    log, stage = MemoryLog(partitions=1), counting()
    await counts(log, stage, (b"a", b"x"), (b"b", b"x"), (b"a", b"x"), (b"b", b"forget"))
    again = counting()
    assert await counts(log, again, (b"b", b"x")) == [b"1"]
    assert again.handler.recalled == {0: [(b"a", b"2")]}


async def test_entries_come_in_the_order_of_their_last_change(counting: Stages) -> None:
    """A memory that forgets its oldest entries first would forget others after a restart."""
    log, stage = MemoryLog(partitions=1), counting()
    await counts(log, stage, (b"a", b"x"), (b"b", b"x"))
    await counts(log, stage, (b"a", b"x"))
    again = counting()
    await drain(log, again)
    assert again.handler.recalled == {0: [(b"b", b"1"), (b"a", b"2")]}


async def test_each_partition_recalls_its_own(counting: Stages) -> None:
    """Partitions that move between workers would take each other's memory along."""
    log = MemoryLog(partitions=2)
    log.append([Message("in", b"k", b"x", partition=part) for part in (0, 1)])
    await drain(log, counting())
    again = counting()
    await drain(log, again)
    assert again.handler.recalled == {0: [(b"k", b"1")], 1: [(b"k", b"1")]}


async def test_a_stage_without_changelog_starts_fresh(counting: Stages) -> None:
    """Stages that remember nothing would need a topic they never write."""
    log, stage = MemoryLog(partitions=1, topics=frozenset({"in", "out"})), counting(changelog=None)
    await drain(log, stage)
    assert stage.handler.recalled == {0: []}


class Rereading(Counting):
    """Asks for the records from an offset on."""

    def __init__(self, begin: int | None) -> None:
        super().__init__("out")
        self.begin = begin
        self.read: list[bytes | None] = []

    def reread_from(self, memory: Memory) -> int | None:  # noqa: ARG002
        """See `streams.core.handler.Handler`."""
        return self.begin

    def reread(self, memory: Memory, records: Sequence[Record]) -> None:  # noqa: ARG002
        """See `streams.core.handler.Handler`."""
        self.read += [record.value for record in records]


async def test_what_was_handled_and_is_still_held_is_read_again(counting: Stages) -> None:
    """A stage that holds records back would lose them, or take new ones in twice."""
    log = MemoryLog(partitions=1)
    await counts(log, counting(), (b"k", b"a"), (b"k", b"b"), (b"k", b"c"))
    log.append([Message("in", b"k", b"new")])
    for begin, expected in ((1, [b"b", b"c"]), (None, []), (3, [])):
        again = Rereading(begin)
        copy = MemoryLog(1, None, {}, log._records, log._epochs, dict(log._committed))
        await drain(copy, counting(handler=again))
        assert again.read == expected
