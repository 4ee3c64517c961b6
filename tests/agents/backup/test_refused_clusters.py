"""Clusters of which no backup can be made, or that can take none: each with one clear line."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import orjson
import pytest

from nlp.lexicon.lexicon import Lexicon
from streams.core.errors import Misconfigured
from streams.core.log import Bounds
from streams.core.record import Message, TopicPartition
from streams.testing.memory_log import MemoryLog
from tests.agents.backup.conftest import PARTITIONS, Side

Run = Callable[..., Awaitable[None]]
L = TypeVar("L", bound=MemoryLog)


class Beside(MemoryLog):
    """A log beside whose export an agent works."""

    work: Callable[[], Awaitable[None]] | None = None

    async def bounds(self, source: TopicPartition) -> Bounds:
        """Let the agent work once the unread records are looked at."""
        if source.topic == "news.raw" and (work := self.work):
            self.work = None
            await work()
        return await super().bounds(source)


class Watched(MemoryLog):
    """A log that remembers what its topics and its layout record were given, in order."""

    steps: list[str]

    def append(self, messages: Sequence[Message], keyless: int = 0) -> None:
        """Remember the steps."""
        for message in messages:
            if message.key == b"layout":
                fields = orjson.loads(message.value or b"")
                self.steps.append("closed" if "importing" in fields else "open")
            elif message.topic.startswith("news."):
                self.steps.append(message.topic)
        super().append(messages, keyless)


def log_of(kind: type[L], log: MemoryLog) -> L:
    """Return a log of another kind with the records and offsets of ``log``."""
    other = kind(log.partitions, counts=log.counts)
    for name in ("_records", "_epochs", "_committed"):
        setattr(other, name, getattr(log, name))
    return other


def files(folder: Path) -> list[str]:
    """Return the names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


async def test_an_entry_that_no_agent_wrote_is_refused(busy: Side, tmp_path: Path) -> None:
    """A memory with a stranger's entry would stop the first worker after a restore."""
    busy.log.append([Message("state.detect", b"x|a stranger's", b"1", partition=0)])
    with pytest.raises(Misconfigured, match=r"state.detect-0 has at offset \d+ an entry"):
        await busy.export(tmp_path / "other")
    assert files(tmp_path) == []


async def test_what_is_written_meanwhile_refuses_the_backup(
    busy: Side, run: Run, tmp_path: Path
) -> None:
    """A worker that runs beside an export would be in it with half of what it did."""
    busy.log = log_of(Beside, busy.log)
    busy.log.work = lambda: run(busy.log, ["score"], classifier=Lexicon())
    busy.pipeline = busy.pipeline._replace(log=busy.log)
    with pytest.raises(Misconfigured, match="was written meanwhile: stop all workers"):
        await busy.export(tmp_path / "backup")
    assert files(tmp_path) == []


@pytest.mark.parametrize("topic", ["news.accepted", "alerts", "state.detect", "state.sources"])
async def test_topics_that_are_not_empty_take_no_backup(
    backup: Path, side: type[Side], topic: str
) -> None:
    """Two memories would be mixed, and both be lost."""
    new = side()
    new.log.append([Message(topic, b"d|x", b"1", partition=0)])
    with pytest.raises(Misconfigured, match=f"{topic}-0 has records: .*newsquake topics create"):
        await new.restore(backup)
    assert new.log.read("state.positions") == []


async def test_a_cluster_on_which_agents_have_worked_takes_no_backup(
    backup: Path, side: type[Side], run: Run
) -> None:
    """Positions of agents that have run would hide what is imported."""
    new = side()
    new.log.append([Message("news.raw", b"1", b"nonsense", partition=0)])
    await run(new.log, ["ingest"])
    for number in range(PARTITIONS):  # an operator deleted that topic
        new.log._records.pop(TopicPartition("news.dead", number), None)
    with pytest.raises(Misconfigured, match="position of an agent"):
        await new.restore(backup)


async def test_news_that_producers_sent_already_is_read_first(
    busy: Side, backup: Path, side: type[Side], run: Run
) -> None:
    """Producers would have to be stopped before a restore, or their news be passed over."""
    new, copies = side(), busy.log.read("news.raw")[:20]
    new.log.append(
        [
            Message(record.topic, record.key, record.value, partition=record.partition)
            for record in copies
        ]
    )
    assert await new.restore(backup)
    await run(new.log, ["ingest", "score"], classifier=Lexicon())
    assert len(new.log.read("news.accepted")) == 1 + 20 + 1


async def test_another_backup_is_refused_and_the_same_one_is_done(
    busy: Side, backup: Path, side: type[Side], run: Run
) -> None:
    """An operator who is not sure whether the import ended would spoil it by running it again."""
    new = side()
    assert await new.restore(backup)
    await run(new.log, classifier=Lexicon())
    before = new.alerts
    assert not await new.restore(backup)
    await run(busy.log, classifier=Lexicon())
    await busy.export(backup.with_name("later"))
    with pytest.raises(Misconfigured, match="another backup was imported into these topics"):
        await new.restore(backup.with_name("later"))
    assert new.alerts == before


async def test_no_agent_works_before_an_import_has_ended(
    busy: Side, backup: Path, side: type[Side]
) -> None:
    """A worker that starts in the middle of an import would go on from half a memory."""
    new = side()
    log = log_of(Watched, new.log)
    log.steps = []
    new.pipeline = new.pipeline._replace(log=log)
    await new.restore(backup)
    assert (log.steps[0], log.steps[-1]) == ("closed", "open")
    assert set(log.steps[1:-1]) == {"news.raw", "news.accepted", "news.signals"}
    sum_of_backup = busy.check(backup).end.sha256
    obstacle = new.pipeline.layout._replace(importing=sum_of_backup).obstacle
    assert "a backup is being imported" in (obstacle or "")


async def test_a_file_is_never_overwritten(busy: Side, backup: Path) -> None:
    """Last night's backup would be gone before the new one is whole."""
    with pytest.raises(FileExistsError, match="name another file"):
        await busy.export(backup)
    assert busy.check(backup).end.records > 0
