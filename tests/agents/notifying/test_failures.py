"""Receivers that fail: what is tried again, given up, and told all the same."""

from collections.abc import Callable
from itertools import pairwise

from agents.notifying.retrying import Outcome
from agents.notifying.routes import NotifySettings
from schemas.alert import Alert
from tests.agents.notifying.worker import HOUR, SECOND, START, Worker

Settings = Callable[..., NotifySettings]
MakeAlert = Callable[..., Alert]
BUSY = Outcome("retry", "status 503")
BAD = Outcome("refused", "status 400", is_of_content=True)
GONE = Outcome("refused", "status 404")


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
    assert max(pauses) <= 303 * SECOND
    assert 10 < len(asked) < 40
    (letter,) = worker.rejections
    assert (letter.reason, letter.source) == ("undelivered", "desk")
    assert letter.record.value == alert().to_bytes()
    ce_id = ("ce_id", alert().event_id.encode())
    assert letter.record.headers == (ce_id, ("newsquake.route", b"desk"))
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
    assert sorted(worker.heard()) == [f"id-company:C{n}.firing" for n in (0, 1, 2, 4)]
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


async def test_an_end_that_is_given_up_is_not_contradicted(
    alert: MakeAlert, settings: Settings
) -> None:
    """Alertmanager would be told for ever that an alert holds which is over."""
    am = {"to": "alertmanager", "url": "http://am:9093", "settle": "0s"}
    worker = Worker(settings(desk={"repeat": "1h"}, am=am))
    worker.write(alert())
    await worker.turn()
    worker.write(alert(status="resolved"))
    for _ in range(5):
        await worker.turn(lambda _: GONE)
    assert [letter.source for letter in worker.rejections] == ["desk", "am"]
    for _ in range(10):
        assert await worker.turn(seconds=3_600.0) == []


async def test_what_is_sent_alone_is_not_overtaken(alert: MakeAlert, settings: Settings) -> None:
    """The end of an alert would arrive before its beginning, and it would stay on the screen."""
    worker = Worker(settings(desk={"group": "all"}))
    worker.write(alert(subject="company:BAD"))
    worker.write(alert())
    await worker.turn(lambda _: BAD)
    worker.write(alert(status="resolved"))
    for _ in range(12):
        await worker.turn(lambda d: BAD if "BAD" in str(d.notices) else Outcome("delivered"))
    ends = [name for name in worker.heard() if "ACME" in name]
    assert ends == [alert().event_id, alert(status="resolved").event_id]
