"""A pipeline that goes on from a backup: the alerts are those of the undisturbed one."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from agents.notifying.notice import AlertRecord, Notice
from agents.notifying.outbox import Outbox
from nlp.lexicon.lexicon import Lexicon
from schemas.alert import Alert
from streams.backup import backup_reader
from streams.core.errors import Fenced
from streams.core.log import Session
from streams.core.record import Message, TopicPartition
from streams.testing.memory_log import MemoryLog, MemorySession
from tests.agents.backup.conftest import FIRING, Side, interrupted

Surge = Callable[[], list[Message]]
Run = Callable[..., Awaitable[None]]


class Killed(Exception):
    """A process that ended between two lines."""


class DyingLog(MemoryLog):
    """A log whose user dies before or after a commit."""

    lives: float = 0.0

    async def open(  # type: ignore[override] # a log opens any session
        self, group: str, source: TopicPartition
    ) -> Session:
        """Open a session that dies."""
        return Dying(self, await super().open(group, source))


class Dying:
    """A session whose user dies once there are no lives left: half of a life before a commit."""

    def __init__(self, log: DyingLog, session: Session) -> None:
        self._log, self._session = log, session

    async def commit(self, messages: Sequence[Message], position: int, note: str = "") -> None:
        """Commit, if the user lives."""
        self._spend()
        await self._session.commit(messages, position, note)
        self._spend()

    async def close(self) -> None:
        """Close the session."""
        await self._session.close()

    def _spend(self) -> None:
        self._log.lives -= 0.5
        if self._log.lives < 0:
            raise Killed


async def go_on(side: Side, news: list[Message], run: Run) -> None:
    """Send ``news`` and run all agents to the end."""
    side.log.append(news)
    await run(side.log, classifier=Lexicon())


async def test_what_waits_in_each_topic_is_in_a_backup(busy: Side, tmp_path: Path) -> None:
    """News that was sent and not yet counted would be lost with the cluster."""
    await busy.export(tmp_path / "backup")
    waiting = busy.check(tmp_path / "backup").waiting
    for topic in ("news.raw", "news.accepted"):
        assert sum(waiting[TopicPartition(topic, number)].count for number in (0, 1)) == 1
    signals = waiting[TopicPartition("news.signals", 0)]
    assert 0 < signals.handled["detect"] < signals.count
    assert signals.section.positions["detect"] > signals.count


@pytest.mark.parametrize(("count", "is_open"), [(40, False), (150, False), (FIRING, True)])
async def test_alerts_after_an_import_are_those_of_the_undisturbed_run(
    surge: Surge, run: Run, tmp_path: Path, count: int, is_open: bool
) -> None:
    """A desk would get an alert twice, with other numbers or not at all after a restore."""
    old = await interrupted(surge(), count, run)
    await old.export(tmp_path / "backup")
    new, before = Side(), old.alerts
    assert await new.restore(tmp_path / "backup")
    for side in (old, new):
        await go_on(side, surge()[count + 3 :], run)
    assert bool(before) == is_open
    assert len(new.alerts) > 0
    assert sorted([*before, *new.alerts]) == sorted(old.alerts)
    assert new.log.read("news.dead") == []


@pytest.mark.parametrize("topic", ["news.raw", "news.accepted", "news.signals"])
async def test_what_retention_took_is_no_obstacle(
    busy: Side, surge: Surge, run: Run, tmp_path: Path, topic: str
) -> None:
    """A pipeline that stood still for too long could not be moved, or would lose yet more."""
    for number in range(busy.log.count(topic)):
        source = TopicPartition(topic, number)
        busy.log.delete_before(source, max(0, busy.log.end(source) - 1))
    await busy.export(tmp_path / "backup")
    new, before = Side(), busy.alerts
    assert await new.restore(tmp_path / "backup")
    for side in (busy, new):
        await go_on(side, surge()[FIRING + 3 :], run)
    assert sorted([*before, *new.alerts]) == sorted(busy.alerts)


async def test_articles_that_were_scored_before_are_copies_after(
    busy: Side, surge: Surge, run: Run, tmp_path: Path
) -> None:
    """News that a feed sends again after a restore would be counted twice."""
    await busy.export(tmp_path / "backup")
    new = Side()
    await new.restore(tmp_path / "backup")
    await go_on(new, [], run)
    before = len(new.log.read("news.signals"))
    await go_on(new, surge()[150:190], run)
    assert len(new.log.read("news.accepted")) == 40 + 2
    assert len(new.log.read("news.signals")) == before


async def test_an_import_that_is_killed_at_any_commit_goes_on_when_it_is_run_again(
    busy: Side, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that fails during a restore would leave half a memory, or records twice."""
    monkeypatch.setattr(backup_reader, "MAX_RECORDS", 40)
    record = busy.log.read("alerts")[0]
    alert, outbox = Alert.from_event(record.value, record.headers), Outbox(["desk"])
    outbox.put("desk", Notice(alert.event_id, alert, 0, AlertRecord.of(record)))
    ((key, entry),) = outbox.changes()
    busy.log.append([Message("state.notify", key, entry, partition=record.partition)])
    await busy.export(tmp_path / "backup")
    expected = Side()
    await expected.restore(tmp_path / "backup")
    deaths = 0
    for deaths in range(1_000):
        log = DyingLog(busy.log.partitions, counts=busy.log.counts)
        log.lives = deaths / 2
        new = Side(log)
        try:
            await new.restore(tmp_path / "backup")
            break
        except Killed:
            log.lives = float("inf")
        await new.restore(tmp_path / "backup")
        assert contents(new) == contents(expected), deaths
    assert deaths > 30
    assert not await new.restore(tmp_path / "backup")
    assert contents(new) == contents(expected)


class FreezingLog(MemoryLog):
    """A log whose user is frozen before it takes a lease for the third time: after both fences."""

    meanwhile: Callable[[], Awaitable[None]] | None = None
    taken: int = 0

    async def open(self, group: str, source: TopicPartition) -> MemorySession:
        """Let others work meanwhile."""
        self.taken += source.topic == "news.signals"
        if self.taken == 3 and (meanwhile := self.meanwhile):
            self.meanwhile = None
            await meanwhile()
        return await super().open(group, source)


async def test_an_import_that_was_frozen_sets_no_worker_back(
    busy: Side, run: Run, tmp_path: Path
) -> None:
    """News would be counted twice if somebody ran the import again, and workers, meanwhile."""
    await busy.export(tmp_path / "backup")
    new = Side(FreezingLog(busy.log.partitions, counts=busy.log.counts))
    after: list[dict[str, list[Any]]] = []

    async def meanwhile() -> None:
        assert await new.restore(tmp_path / "backup")
        await go_on(new, [], run)
        after.append(contents(new))

    new.log.meanwhile = meanwhile  # type: ignore[attr-defined] # it is a log that freezes
    with pytest.raises(Fenced, match="another import began meanwhile"):
        await new.restore(tmp_path / "backup")
    assert after == [contents(new)]


async def test_partitions_without_keys_need_not_be_there(busy: Side, tmp_path: Path) -> None:
    """A topic that somebody gave more partitions than agents use could not be restored."""
    plan, layout = busy.pipeline.plan, busy.pipeline.layout
    more = layout._replace(counts={**layout.counts, "alerts": 3}, used={"alerts": 2})
    busy.pipeline = busy.pipeline._replace(layout=more)
    (notify,) = plan.readers("alerts")
    await (await busy.log.open(notify.group, TopicPartition("alerts", 0))).commit([], 1)
    await busy.export(tmp_path / "backup")
    new = Side()
    assert await new.restore(tmp_path / "backup")
    assert TopicPartition("alerts", 2) not in {source for _, source in new.log._committed}


def contents(side: Side) -> dict[str, list[Any]]:
    """Return the records of sources, and the last ones by key of compacted topics."""
    result: dict[str, list[Any]] = {}
    for topic in ("news.raw", "news.accepted", "news.signals"):
        result[topic] = [record[1:] for record in side.log.read(topic)]
    for topic in ("state.score", "state.detect", "state.notify", "state.positions"):
        last = {(record.partition, record.key): record.value for record in side.log.read(topic)}
        result[topic] = sorted(last.items())
    return result
