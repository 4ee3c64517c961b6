"""Alerts that a person silenced: the detector marks them, and nobody is told."""

from collections.abc import Callable

from agents.notifying.routes import NotifySettings
from schemas.alert import Alert
from tests.agents.notifying.worker import Worker

Settings = Callable[..., NotifySettings]
MakeAlert = Callable[..., Alert]
MARK = ("ce_silenced", b"silence-1")


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
