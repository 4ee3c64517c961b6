"""Dead letters of `notify` that are replayed."""

from collections.abc import Callable
from typing import Any

from agents.notifying.notice import Delivery
from agents.notifying.retrying import DELIVERED, Outcome
from agents.notifying.routes import NotifySettings
from schemas.alert import Alert
from tests.agents.notifying.worker import HOUR, SECOND, Worker

Settings = Callable[..., NotifySettings]
MakeAlert = Callable[..., Alert]


def gone_at_desk(delivery: Delivery) -> Outcome:
    """Answer as a desk that is gone, and as others that are there."""
    return Outcome("refused", "status 404") if delivery.route == "desk" else DELIVERED


async def missed(alert: MakeAlert, settings: Settings, **fields: Any) -> Worker:
    """Return a worker that could not tell the desk of an alert, and told another route."""
    worker = Worker(settings(desk=fields, other={}))
    worker.write(alert())
    for _ in range(3):
        await worker.turn(gone_at_desk)
    assert [delivery.route for delivery in worker.received] == ["other"]
    worker.received.clear()
    return worker


def replay(worker: Worker, alert: Alert) -> None:
    """Write the dead letter back as `newsquake dlq replay` does."""
    letters = [letter.record for letter in worker.rejections]
    (letter,) = (letter for letter in letters if letter.value == alert.to_bytes())
    worker.write(alert, *letter.headers[1:])


async def test_a_replay_tells_the_route_that_was_not_told(
    alert: MakeAlert, settings: Settings
) -> None:
    """All other routes would be told again of each alert that one of them missed."""
    worker = await missed(alert, settings)
    grown = alert(status="escalated", severity="major")
    end = alert(status="resolved", severity="major")
    worker.write(grown)
    for _ in range(3):
        await worker.turn(gone_at_desk)
    worker.kill()
    replay(worker, alert())
    worker.write(end)
    for _ in range(4):
        await worker.turn()
    told = {name: [d for d in worker.received if d.route == name] for name in ("desk", "other")}
    ids = {name: [n.id for d in received for n in d.notices] for name, received in told.items()}
    assert ids == {
        "desk": [alert().event_id, end.event_id],
        "other": [grown.event_id, end.event_id],
    }


async def test_a_replay_after_the_end_is_told_once(alert: MakeAlert, settings: Settings) -> None:
    """The desk would be reminded for ever of an alert that is over."""
    worker = await missed(alert, settings, repeat="1h")
    worker.write(alert(status="resolved"))
    await worker.turn()
    await worker.turn()
    worker.received.clear()
    replay(worker, alert())
    for _ in range(5):
        await worker.turn(seconds=2 * HOUR / SECOND)
    assert worker.heard() == [alert().event_id]


async def test_an_end_is_replayed_too(alert: MakeAlert, settings: Settings) -> None:
    """The desk would never hear that it is over, and the replay be counted as done."""
    am = {"to": "alertmanager", "url": "http://am:9093", "settle": "0s"}
    for fields in ({}, am):
        worker = Worker(settings(desk=fields))
        worker.write(alert())
        await worker.turn()
        worker.write(alert(status="resolved"))
        for _ in range(3):
            await worker.turn(gone_at_desk)
        worker.received.clear()
        replay(worker, alert(status="resolved"))
        await worker.turn()
        assert worker.heard() == [alert(status="resolved").event_id]


async def test_a_letter_names_its_route_once(alert: MakeAlert, settings: Settings) -> None:
    """Headers of a letter that fails again and again would grow until Kafka refuses it."""
    worker = await missed(alert, settings)
    replay(worker, alert())
    for _ in range(3):
        await worker.turn(gone_at_desk)
    first, second = worker.rejections
    assert first.record.headers == second.record.headers
