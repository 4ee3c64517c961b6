"""Alerts and silences after an import: routes are told what they were still to be told, once."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from agents.dead_letters.letters import Letter
from agents.dead_letters.replay import carry_out
from agents.dead_letters.selection import Selection
from agents.notifying.notice import Delivery
from agents.notifying.outbox import Outbox
from agents.notifying.retrying import DELIVERED, Outcome
from agents.notifying.routes import NotifySettings
from agents.notifying.settling import Report
from agents.pipeline import USUAL
from agents.silencing.silence_book import silencing_id
from agents.silencing.silence_message import new_silence, silence_message
from agents.silencing.silence_table import SilenceTable
from nlp.lexicon.lexicon import Lexicon
from schemas.channels import ALERTS, SILENCES, STATE_NOTIFY
from streams.core.errors import Misconfigured
from streams.core.record import Message
from tests.agents.backup.conftest import FIRING, PARTITIONS, Side
from tests.agents.dead_letters.conftest import TOPICS, job_of
from tests.agents.notifying.worker import Answer, SlowCourier

Surge = Callable[[], list[Message]]
Run = Callable[..., Awaitable[None]]
Told = list[tuple[str, str]]
SUBJECT = "company:ACME"
WEBHOOK = {"to": "webhook", "url": "https://desk.example/hook", "subjects": [SUBJECT]}
SETTINGS = NotifySettings.model_validate({"routes": {"desk": WEBHOOK, "other": WEBHOOK}})


class PartitionedCourier(SlowCourier):
    """A courier of several partitions."""

    def reports(self, partition: int) -> list[Report]:
        """See `Courier`."""
        reports = [each for each in self._reports if each.delivery.partition == partition]
        self._reports = [each for each in self._reports if each.delivery.partition != partition]
        return reports


def gone(delivery: Delivery) -> Outcome:
    """Answer as a desk that is gone, and as others that are there."""
    return Outcome("refused", "status 404") if delivery.route == "desk" else DELIVERED


async def tell(side: Side, run: Run, answer: Answer | None = lambda _: DELIVERED) -> Told:
    """Run `notify` a few times with one courier; return the routes that took something, and what.

    Without an ``answer`` everything stays under way.

    There are no ticks in a log in memory: a stranger's record, which is set aside, wakes the agent.
    """
    courier, told = PartitionedCourier(), Told()
    for number in range(6):
        if number:
            side.log.append(
                [Message(ALERTS.topic, None, b"", partition=n) for n in range(PARTITIONS)]
            )
        table = SilenceTable(side.log, SILENCES.topic)
        await run(side.log, ["notify"], notify=SETTINGS, courier=courier, silences=table)
        for delivery in courier.arrive(answer) if answer else ():
            told += [(delivery.route, notice.alert.status) for notice in delivery.notices]
    return told


async def judged(side: Side, news: list[Message], run: Run) -> None:
    """Send ``news``, and run all agents but `notify` to the end."""
    side.log.append(news)
    table = SilenceTable(side.log, SILENCES.topic)
    await run(side.log, USUAL, classifier=Lexicon(), silences=table)


async def restored(side: Side, path: Path) -> Side:
    """Return a pipeline that goes on from a backup of ``side``."""
    await side.export(path)
    new = Side()
    assert await new.restore(path)
    return new


def offsets(side: Side) -> list[int]:
    """Return the offsets of alerts in what the desk is still to be told."""
    last = {(each.partition, each.key or b""): each.value for each in side.log.read("state.notify")}
    outbox = Outbox(SETTINGS.routes, [(key, value) for (_, key), value in last.items()])
    notices = outbox.routes["desk"].notices.values()
    return [notice.record.offset for notice in notices if notice.record]


def values(side: Side) -> Sequence[bytes | None]:
    """Return the values of the subject's alerts."""
    return [each.value for each in side.log.read("alerts") if each.key == SUBJECT.encode()]


async def test_alerts_of_a_pipeline_without_notify_are_not_in_a_backup(
    surge: Surge, run: Run, tmp_path: Path
) -> None:
    """Months of alerts would be in each backup, and be written anew on the new cluster."""
    old = Side()
    await judged(old, surge()[:FIRING], run)
    assert values(old)
    exported = await old.export(tmp_path / "backup")
    assert {section.topic for section, _ in exported.sections}.isdisjoint({"alerts"})
    new = Side()
    assert await new.restore(tmp_path / "backup")
    assert values(new) == []
    assert await tell(new, run) == []


async def test_what_routes_are_still_to_be_told_is_told_in_order(
    surge: Surge, run: Run, tmp_path: Path
) -> None:
    """A desk would never hear of an alert that was on its way, or hear its end before it."""
    old = Side()
    await judged(old, surge()[:FIRING], run)
    assert await tell(old, run, None) == []
    before = len(values(old))
    await judged(old, surge()[FIRING:], run)
    assert len(values(old)) > before
    new = await restored(await restored(old, tmp_path / "first"), tmp_path / "second")
    assert values(new) == values(old)[before:]
    assert offsets(old)
    assert max(offsets(new)) < 0
    assert [offset - offsets(old)[0] for offset in offsets(old)] == [
        offset - offsets(new)[0] for offset in offsets(new)
    ]
    told = await tell(new, run)
    statuses = [orjson.loads(value or b"")["status"] for value in values(old)]
    assert [status for route, status in told if route == "desk"] == statuses
    assert [status for route, status in told if route == "other"] == statuses
    assert statuses[0] == "firing"
    assert statuses[-1] == "resolved"


async def test_what_was_told_before_a_backup_is_not_told_after_it(
    surge: Surge, run: Run, tmp_path: Path
) -> None:
    """A pager would go off for each alert that is open, after each restore."""
    old = Side()
    await judged(old, surge()[:FIRING], run)
    assert ("desk", "firing") in await tell(old, run)
    new = await restored(old, tmp_path / "backup")
    assert await tell(new, run) == []
    await judged(new, surge()[FIRING:], run)
    told = await tell(new, run)
    assert ("desk", "resolved") in told
    assert ("desk", "firing") not in told


async def test_a_replay_that_waits_tells_its_route_alone(
    surge: Surge, run: Run, tmp_path: Path
) -> None:
    """All routes would be told again of what one of them missed before the disk was lost."""
    old = Side()
    await judged(old, surge()[:FIRING], run)
    assert ("other", "firing") in await tell(old, run, gone)
    undelivered = job_of(selection=Selection(reasons=frozenset({"undelivered"})))
    assert (await carry_out(old.log, TOPICS, undelivered)).replayed["alerts"] > 0
    new = await restored(old, tmp_path / "backup")
    told = await tell(new, run)
    assert {route for route, _ in told} == {"desk"}
    await judged(new, surge()[FIRING:], run)
    assert ("desk", "resolved") in await tell(new, run)


async def test_what_is_given_up_after_an_import_names_no_other_alert_and_is_replayed(
    surge: Surge, run: Run, tmp_path: Path
) -> None:
    """A dead letter would point to another alert, and its replay tell the wrong routes."""
    old = Side()
    await judged(old, surge()[:FIRING], run)
    await tell(old, run, None)
    new = await restored(old, tmp_path / "backup")
    first = await tell(new, run, gone)
    assert ("other", "firing") in first
    letters = [Letter.of(record) for record in new.log.read("news.dead")]
    undelivered = [letter for letter in letters if letter.reason.reason == "undelivered"]
    assert undelivered
    assert all((letter.reason.offset or 0) < 0 for letter in undelivered)
    job = job_of(selection=Selection(reasons=frozenset({"undelivered"})))
    assert (await carry_out(new.log, TOPICS, job)).replayed["alerts"] == len(undelivered)
    told = await tell(new, run)
    assert len(told) == len(undelivered)
    assert told == [("desk", status) for route, status in first if route == "other"]


async def test_a_second_import_keeps_the_order_of_the_first(
    surge: Surge, run: Run, tmp_path: Path
) -> None:
    """A pipeline that moves twice while a receiver is away would tell ends before beginnings."""
    old = Side()
    await judged(old, surge()[:FIRING], run)
    await tell(old, run, None)
    first = await restored(old, tmp_path / "first")
    await judged(first, surge()[FIRING:], run)
    await tell(first, run, None)
    second = await restored(first, tmp_path / "second")
    assert max(offsets(second)) < 0
    assert offsets(second) == sorted(offsets(second))
    told = [status for route, status in await tell(second, run) if route == "desk"]
    assert (told[0], told[-1]) == ("firing", "resolved")


async def test_a_silence_holds_after_an_import(surge: Surge, run: Run, tmp_path: Path) -> None:
    """People would be woken by what they silenced before the disk was lost."""
    old, now = Side(), datetime.now(UTC)
    await judged(old, surge()[:100], run)
    assert values(old) == []
    silence = new_silence("*", timedelta(days=1), who="ada", why="merger", now=now)
    old.log.append([silence_message(SILENCES.topic, silence)])
    new = await restored(old, tmp_path / "backup")
    await judged(new, surge()[100:], run)
    assert {silencing_id(record.headers) for record in new.log.read("alerts")} == {silence.id}
    assert await tell(new, run) == []


async def test_an_outbox_of_a_later_release_is_refused(
    surge: Surge, run: Run, tmp_path: Path
) -> None:
    """The import would succeed, and no `notify` start from it."""
    old = Side()
    await judged(old, surge()[:FIRING], run)
    await tell(old, run, None)
    entry = b'{"format":2,"routes":{}}'
    old.log.append([Message(STATE_NOTIFY.topic, b"company:ACME", entry, partition=0)])
    with pytest.raises(Misconfigured, match="the outbox has another form"):
        await old.export(tmp_path / "backup")
