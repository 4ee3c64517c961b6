from collections.abc import Callable
from itertools import pairwise

from agents.notifying.retrying import Outcome
from agents.notifying.routes import NotifySettings
from schemas.alert import Alert
from tests.agents.notifying.worker import HOUR, MINUTE, SECOND, START, Worker

Settings = Callable[..., NotifySettings]
MakeAlert = Callable[..., Alert]
BUSY = Outcome("retry", "status 503")
BAD = Outcome("refused", "status 400", is_of_content=True)
GONE = Outcome("refused", "status 404")


async def test_each_change_is_told_once_and_in_order(alert: MakeAlert, settings: Settings) -> None:
    """People would be told twice, or that it is over before they know that it began."""
    worker = Worker(settings(desk={}))
    steps = [alert(), alert(status="escalated", severity="major"), alert(status="resolved")]
    for step in steps:
        worker.write(step)
    for _ in range(6):
        await worker.turn()
    assert worker.told() == [step.event_id for step in steps]
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
    grave = [d.notices[0].alert.subject for d in worker.received if d.route == "grave"]
    assert grave == ["company:EMCA"] * 2


async def test_a_route_that_wants_no_ends_gets_none(alert: MakeAlert, settings: Settings) -> None:
    """It would also be reminded for ever of an alert that is over."""
    worker = Worker(settings(desk={"resolved": False, "repeat": "1h"}))
    worker.write(alert())
    worker.write(alert(status="resolved"))
    for _ in range(10):
        await worker.turn(seconds=3600)
    assert worker.told() == [alert().event_id]
    assert worker.is_done


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
    assert sorted(worker.told()) == sorted(f"id-company:C{n}.firing" for n in range(120))


async def test_quiet_hours_hold_back_what_is_not_critical(
    alert: MakeAlert, settings: Settings
) -> None:
    """People would be woken for a minor alert, or sleep through a critical one."""
    worker = Worker(settings(desk={"quiet": "11:00-14:00"}))  # it is 12:00
    worker.write(alert())
    worker.write(alert(subject="company:BAD", severity="critical"))
    await worker.turn()
    assert worker.told() == ["id-company:BAD.firing"]
    while len(worker.received) < 2 and worker.now < START + 5 * HOUR:
        await worker.turn(seconds=60)
    assert worker.told()[1:] == ["id-company:ACME.firing"]
    assert abs(worker.now - START - 2 * HOUR) <= 2 * MINUTE


async def test_what_goes_on_is_repeated_with_a_key_of_its_own(
    alert: MakeAlert, settings: Settings
) -> None:
    """A receiver that drops duplicates would drop the reminder; and it must end with the alert."""
    worker = Worker(settings(desk={"repeat": "4h"}))
    worker.write(alert())
    keys = [key for _ in range(9) for key in await worker.turn(seconds=3600)]
    assert len(keys) == len(set(keys)) == 3
    worker.write(alert(status="resolved"))
    await worker.turn()
    assert worker.told()[-1] == alert(status="resolved").event_id
    assert [key for _ in range(9) for key in await worker.turn(seconds=3600)] == []


async def test_a_failing_receiver_is_tried_until_the_budget_is_used_up(
    alert: MakeAlert, settings: Settings
) -> None:
    """An outage of a minute would lose the alert, or a dead receiver be asked for ever."""
    worker = Worker(settings(desk={"budget": "1h"}))
    worker.write(alert())
    asked: list[int] = []

    def busy(_: object) -> Outcome:
        asked.append(worker.now)
        return BUSY

    while not worker.rejections and worker.now < START + 2 * HOUR:
        await worker.turn(busy)
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert pauses[0] <= 2 * SECOND
    assert max(pauses) <= 301 * SECOND
    assert 10 < len(asked) < 40
    (letter,) = worker.rejections
    assert (letter.reason, letter.source) == ("undelivered", "desk")
    assert letter.record.value == alert().to_bytes()
    assert letter.record.headers == (("ce_id", alert().event_id.encode()),)
    assert letter.attempts == len(asked)
    assert worker.is_done


async def test_retry_after_is_kept_also_by_the_next_process(
    alert: MakeAlert, settings: Settings
) -> None:
    """A receiver that asks for a minute would be asked again at once, and block us for good."""
    worker = Worker(settings(desk={}))
    worker.write(alert())
    await worker.turn(lambda _: Outcome("retry", "status 429", retry_after=60.0))
    await worker.turn()
    worker.kill()
    while not worker.received:
        await worker.turn()
    assert 60 * SECOND <= worker.now - START <= 65 * SECOND


async def test_one_bad_alert_does_not_take_the_others_with_it(
    alert: MakeAlert, settings: Settings
) -> None:
    """A 400 for a part of a message would lose all of it."""
    worker = Worker(settings(desk={"group": "all"}))
    for n in range(5):
        worker.write(alert(subject=f"company:C{n}"))

    def picky(delivery: object) -> Outcome:
        return BAD if "C3" in str(delivery) else Outcome("delivered")

    for _ in range(12):
        await worker.turn(picky)
    assert sorted(worker.told()) == [f"id-company:C{n}.firing" for n in (0, 1, 2, 4)]
    assert [letter.idempotency_key for letter in worker.rejections] == ["id-company:C3.firing"]


async def test_a_wrong_address_is_a_dead_letter_at_once(
    alert: MakeAlert, settings: Settings
) -> None:
    """The operator would learn only after a day that a route leads nowhere."""
    worker = Worker(settings(desk={}, other={}))
    worker.write(alert())
    for _ in range(3):
        await worker.turn(lambda d: GONE if d.route == "desk" else Outcome("delivered"))
    assert [letter.source for letter in worker.rejections] == ["desk"]
    assert {delivery.route for delivery in worker.received} == {"other"}


async def test_a_route_that_hangs_holds_up_no_other(alert: MakeAlert, settings: Settings) -> None:
    """A chat that is down would keep the pager silent."""
    worker = Worker(settings(hangs={}, works={}))
    for n in range(3):
        worker.write(alert(subject=f"company:C{n}"))
        decision = await worker.decide()
        worker.commit(decision)
        if decision.after_commit:
            decision.after_commit()
        hanging = [d for d in worker.courier.under_way if d.route == "hangs"]
        worker.courier.under_way = [d for d in worker.courier.under_way if d.route == "works"]
        worker.arrive()
        worker.courier.under_way = hanging
    assert [delivery.route for delivery in worker.received] == ["works"] * 3
    assert len(worker.courier.under_way) == 1


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


async def test_nobody_is_told_the_end_of_what_was_refused(
    alert: MakeAlert, settings: Settings
) -> None:
    """People would read that news is back to normal of which they never heard."""
    worker = Worker(settings(desk={}, am={"to": "alertmanager", "url": "http://am:9093"}))
    worker.write(alert())
    worker.write(alert(status="resolved"))
    for _ in range(5):
        await worker.turn(lambda _: GONE)
    for _ in range(5):
        await worker.turn()
    assert worker.received == []
    assert worker.is_done


async def test_what_is_sent_alone_is_not_overtaken(alert: MakeAlert, settings: Settings) -> None:
    """The end of an alert would arrive before its beginning, and it would stay on the screen."""
    worker = Worker(settings(desk={"group": "all"}))
    worker.write(alert(subject="company:BAD"))
    worker.write(alert())
    await worker.turn(lambda _: BAD)
    worker.write(alert(status="resolved"))
    for _ in range(12):
        await worker.turn(lambda d: BAD if "BAD" in str(d.notices) else Outcome("delivered"))
    ends = [name for name in worker.told() if "ACME" in name]
    assert ends == [alert().event_id, alert(status="resolved").event_id]
