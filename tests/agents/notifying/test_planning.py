from collections.abc import Callable
from datetime import timedelta

from agents.notifying.retrying import Outcome
from agents.notifying.routes import NotifySettings
from schemas.alert import Alert
from tests.agents.notifying.worker import HOUR, MINUTE, START, Worker

Settings = Callable[..., NotifySettings]
MakeAlert = Callable[..., Alert]
BUSY = Outcome("retry", "status 503")


async def test_each_change_is_told_once_and_in_order(alert: MakeAlert, settings: Settings) -> None:
    """People would be told twice, or that it is over before they know that it began."""
    worker = Worker(settings(desk={}))
    steps = [alert(), alert(status="escalated", severity="major"), alert(status="resolved")]
    for step in steps:
        worker.write(step)
    for _ in range(6):
        await worker.turn()
    assert worker.heard() == [step.event_id for step in steps]
    assert worker.is_done


async def test_nothing_is_sent_before_it_is_committed(alert: MakeAlert, settings: Settings) -> None:
    """A message could arrive of which the next process knows nothing, not even its key."""
    worker = Worker(settings(desk={}))
    worker.write(alert())
    decision = await worker.decide()
    assert worker.courier.under_way == []
    worker.commit(decision)
    assert decision.after_commit
    decision.after_commit()
    assert len(worker.courier.under_way) == 1


async def test_a_route_is_told_the_end_of_what_it_was_told_only(
    alert: MakeAlert, settings: Settings
) -> None:
    """The desk of major alerts would be told of the end of a minor one that it never heard of."""
    worker = Worker(settings(all={}, grave={"severity": "major"}))
    for name, severity in [("ACME", "minor"), ("EMCA", "major")]:
        worker.write(alert(subject=f"company:{name}", severity=severity))
        worker.write(alert(subject=f"company:{name}", severity=severity, status="resolved"))
    for _ in range(8):
        await worker.turn()
    grave = [notice for d in worker.received if d.route == "grave" for notice in d.notices]
    assert [notice.alert.subject for notice in grave] == ["company:EMCA"] * 2


async def test_what_is_long_past_is_not_told(alert: MakeAlert, settings: Settings) -> None:
    """The first start on an old cluster would page people for each alert of the last year."""
    worker = Worker(settings(desk={}))
    worker.write(alert(subject="company:OLD"))
    worker.now += 25 * HOUR
    await worker.turn()
    assert worker.heard() == []
    assert worker.is_done


async def test_a_route_that_wants_no_ends_gets_none(alert: MakeAlert, settings: Settings) -> None:
    """It would also be reminded for ever of an alert that is over."""
    worker = Worker(settings(desk={"resolved": False, "repeat": "1h"}))
    worker.write(alert())
    worker.write(alert(status="resolved"))
    for _ in range(10):
        await worker.turn(seconds=3600)
    assert worker.heard() == [alert().event_id]
    assert worker.is_done


async def test_updates_are_told_once_and_not_to_routes_that_want_none(
    alert: MakeAlert, settings: Settings
) -> None:
    """A desk would see the first headline for days, or a pager would ring three times a day."""
    worker = Worker(settings(desk={}, pager={"updates": False}))
    first = alert()
    updates = [
        alert(status="updated", detected_at=first.detected_at + hours * timedelta(hours=1))
        for hours in (8, 16)
    ]
    for step in (first, *updates, alert(status="resolved")):
        worker.write(step)
    for _ in range(8):
        await worker.turn()
    told = {
        route: [n.alert.status for d in worker.received if d.route == route for n in d.notices]
        for route in ("desk", "pager")
    }
    assert told["desk"] == ["firing", "updated", "updated", "resolved"]
    assert told["pager"] == ["firing", "resolved"]


async def test_alerts_of_a_group_share_a_message(alert: MakeAlert, settings: Settings) -> None:
    """Thirty companies of one crisis would be thirty messages."""
    worker = Worker(settings(desk={"group": "kind", "group_wait": "30s"}))
    for n in range(3):
        worker.write(alert(subject=f"company:C{n}"))
        await worker.turn()
    worker.write(alert(subject="topic:earnings"))
    for _ in range(60):
        await worker.turn()
    sizes = [[notice.alert.subject for notice in d.notices] for d in worker.received]
    assert sizes == [["company:C0", "company:C1", "company:C2"], ["topic:earnings"]]


async def test_beyond_the_rate_alerts_wait_and_none_is_lost(
    alert: MakeAlert, settings: Settings
) -> None:
    """A storm would fill the channel, or what is beyond the limit would be dropped."""
    fields = {"rate": 2, "rate_window": "1h", "group": "all", "group_wait": "0"}
    worker = Worker(settings(desk=fields))
    times = []
    for n in range(120):
        worker.write(alert(subject=f"company:C{n}"))
        times += [worker.now] * len(await worker.turn(seconds=60))
    assert all(later - earlier >= HOUR for earlier, later in zip(times, times[2:], strict=False))
    for _ in range(120):
        await worker.turn(seconds=60)
    assert sorted(worker.heard()) == sorted(f"id-company:C{n}.firing" for n in range(120))


async def test_quiet_hours_hold_back_what_is_not_critical(
    alert: MakeAlert, settings: Settings
) -> None:
    """People would be woken for a minor alert, or sleep through a critical one."""
    worker = Worker(settings(desk={"quiet": "11:00-14:00"}))  # it is 12:00
    worker.write(alert())
    worker.write(alert(subject="company:BAD", severity="critical"))
    await worker.turn()
    assert worker.heard() == ["id-company:BAD.firing"]
    while len(worker.received) < 2 and worker.now < START + 5 * HOUR:
        await worker.turn(seconds=60)
    assert worker.heard()[1:] == ["id-company:ACME.firing"]
    assert abs(worker.now - START - 2 * HOUR) <= 2 * MINUTE


async def test_what_goes_on_is_repeated_with_a_key_of_its_own(
    alert: MakeAlert, settings: Settings
) -> None:
    """A receiver that drops duplicates would drop the reminder; and it must end with the alert."""
    worker = Worker(settings(desk={"repeat": "4h"}))
    worker.write(alert())
    keys = [key for _ in range(12) for key in await worker.turn(seconds=3600)]
    assert len(keys) == len(set(keys)) == 3
    worker.write(alert(status="resolved"))
    await worker.turn()
    assert worker.heard()[-1] == alert(status="resolved").event_id
    assert [key for _ in range(9) for key in await worker.turn(seconds=3600)] == []


async def test_a_worker_without_its_settings_forgets_nothing(
    alert: MakeAlert, settings: Settings
) -> None:
    """One start without --config would delete what is still to be told."""
    worker = Worker(settings(desk={}, other={}))
    worker.write(alert())
    await worker.turn(lambda _: BUSY)
    await worker.turn(lambda _: BUSY)
    worker.settings = settings(other={})
    worker.kill()
    worker.write(alert(status="escalated", severity="major"))
    for _ in range(10):
        await worker.turn()
    worker.settings = settings(desk={}, other={})
    worker.kill()
    for _ in range(10):
        await worker.turn()
    assert "desk" in {delivery.route for delivery in worker.received}
