"""Alerts that a person silenced: the detector marks them, and nobody is told."""

from collections.abc import Callable
from datetime import timedelta

from agents.notifying.notice import from_milliseconds
from agents.notifying.routes import NotifySettings
from agents.silencing.silence_message import acknowledge, new_silence
from schemas.alert import Alert
from schemas.silence import Silence
from tests.agents.notifying.worker import HOUR, START, Worker

Settings = Callable[..., NotifySettings]
MakeAlert = Callable[..., Alert]
MARK = ("ce_silenced", b"silence-1")
DAY = timedelta(days=1)


def silence(subject: str) -> Silence:
    """Return a silence of a day."""
    return new_silence(subject, DAY, who="ada", why="merger", now=from_milliseconds(START))


async def test_nobody_is_told_of_a_silenced_alert(alert: MakeAlert, settings: Settings) -> None:
    """People would be woken by what they silenced, or told the end of what they never heard."""
    worker = Worker(settings(desk={}, am={"to": "alertmanager", "url": "http://am:9093"}))
    worker.write(alert(), MARK)
    await worker.turn()
    worker.write(alert(status="resolved"))
    for _ in range(5):
        await worker.turn()
    assert worker.received == []
    assert worker.rejections == []
    assert worker.is_done


async def test_the_end_of_a_told_alert_is_told_although_it_is_silenced(
    alert: MakeAlert, settings: Settings
) -> None:
    """A pager would keep an incident open for ever that was silenced after it had begun."""
    worker = Worker(settings(desk={}))
    worker.write(alert())
    await worker.turn()
    worker.write(alert(status="escalated", severity="major"), MARK)
    await worker.turn()
    await worker.turn()
    assert worker.heard() == [alert().event_id]
    end = alert(status="resolved", severity="major")
    worker.write(end, MARK)
    await worker.turn()
    assert worker.heard() == [alert().event_id, end.event_id]


async def test_an_alert_that_outlasts_its_silence_is_told_from_then_on(
    alert: MakeAlert, settings: Settings
) -> None:
    """A silence of an hour would hide what grows for days."""
    worker = Worker(settings(desk={}))
    worker.write(alert(), MARK)
    await worker.turn()
    grown = alert(status="escalated", severity="critical")
    worker.write(grown)
    await worker.turn()
    assert worker.heard() == [grown.event_id]


async def test_what_waits_is_dropped_once_it_is_silenced(
    alert: MakeAlert, settings: Settings
) -> None:
    """A desk would be told in the morning of all that somebody silenced in the evening."""
    worker = Worker(settings(desk={"group_wait": "1h"}))
    worker.write(alert())
    await worker.turn()
    worker.say(silence(alert().subject))
    await worker.turn()
    worker.write(alert(status="resolved"))
    worker.now += 2 * HOUR
    for _ in range(3):
        await worker.turn()
    assert worker.heard() == []
    assert worker.is_done


async def test_another_subject_is_told_while_one_is_silenced(
    alert: MakeAlert, settings: Settings
) -> None:
    """One silence would make the whole desk deaf."""
    worker = Worker(settings(desk={"group_wait": "1h"}))
    worker.write(alert())
    worker.say(silence("company:OTHER"))
    await worker.turn()
    worker.now += 2 * HOUR
    for _ in range(3):
        await worker.turn()
    assert worker.heard() == [alert().event_id]


async def test_nobody_is_reminded_of_what_somebody_takes_care_of(
    alert: MakeAlert, settings: Settings
) -> None:
    """A desk would be paged every hour for the alert that it works on."""
    worker = Worker(settings(desk={"repeat": "1h"}))
    worker.write(alert())
    for _ in range(2):
        await worker.turn()
    worker.now += 2 * HOUR
    for _ in range(2):
        await worker.turn()
    assert len(worker.heard()) == 2
    worker.say(acknowledge(alert(), who="ada", why="", now=from_milliseconds(START)))
    worker.now += 2 * HOUR
    for _ in range(2):
        await worker.turn()
    assert len(worker.heard()) == 2
