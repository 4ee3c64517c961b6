"""What Alertmanager is told, and when: its facts, by a clock of the test."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from agents.notifying.retrying import Outcome
from agents.notifying.routes import NotifySettings
from schemas.alert import Alert
from tests.agents.notifying.worker import MINUTE, SECOND, START, Worker

Settings = Callable[..., NotifySettings]
MakeAlert = Callable[..., Alert]
BAD = Outcome("refused", "status 400", is_of_content=True)
AM = {"to": "alertmanager", "url": "http://am:9093"}


async def test_alertmanager_is_told_every_minute_what_holds(
    alert: MakeAlert, settings: Settings
) -> None:
    """Its lease would run out and the alert be resolved while it goes on."""
    worker = Worker(settings(am=AM))
    worker.write(alert())
    worker.write(alert(subject="company:EMCA"))
    times = []
    for _ in range(600):
        times += [worker.now] * len(await worker.turn())
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert max(pauses) <= 62 * SECOND
    assert len(times) < 14
    assert all(len(d.heard) == 2 for d in worker.received[1:])


async def test_alertmanager_is_not_told_the_end_within_its_group_wait(
    alert: MakeAlert, settings: Settings
) -> None:
    """It never tells anybody of an alert that ended within `group_wait`."""
    worker = Worker(settings(am=AM))
    worker.write(alert())
    worker.write(alert(status="resolved"))
    ends = []
    for _ in range(900):
        before = len(worker.received)
        await worker.turn()
        heard = [notice for d in worker.received[before:] for notice in d.notices]
        ends += [worker.now] * any(notice.alert.status == "resolved" for notice in heard)
    assert ends[0] - START >= MINUTE
    # It is repeated for five minutes, and then forgotten.
    assert 5 <= len(ends) <= 7
    assert ends[-1] - ends[0] <= 6 * MINUTE
    assert worker.is_done
    assert not worker.memory.routes["am"].heard


async def test_alertmanager_is_not_told_the_end_just_after_an_escalation(
    alert: MakeAlert, settings: Settings
) -> None:
    """It never tells anybody that an alert grew which ended within `group_interval`."""
    worker = Worker(settings(am=AM))
    worker.write(alert())
    for _ in range(90):
        await worker.turn()
    worker.write(alert(status="escalated", severity="major"))
    await worker.turn()
    grew = worker.now
    worker.write(alert(status="resolved", severity="major"))
    while worker.received[-1].notices[-1].alert.status != "resolved":
        await worker.turn()
    assert worker.now - grew >= MINUTE


@pytest.mark.parametrize("count", [1, 3])
async def test_alertmanager_refusing_one_alert_gets_the_others(
    alert: MakeAlert, settings: Settings, count: int
) -> None:
    """A 400 may mean that the valid alerts were taken; what is set aside must be the bad one."""
    worker = Worker(settings(am=AM))
    for n in range(count):
        worker.write(alert(subject=f"company:C{n}"))
        await worker.turn()
    worker.write(alert(subject="company:BAD"))
    for _ in range(10):
        await worker.turn(lambda d: BAD if "BAD" in str(d.notices) else Outcome("delivered"))
    assert [letter.idempotency_key for letter in worker.rejections] == ["id-company:BAD.firing"]
    assert len(worker.memory.routes["am"].heard) == count


async def test_a_waiting_end_does_not_stop_the_heartbeats(
    alert: MakeAlert, settings: Settings
) -> None:
    """All alerts would be over, because one of them waits to be."""
    worker = Worker(settings(am=AM | {"settle": "1h"}))
    worker.write(alert())
    worker.write(alert(status="resolved"))
    times = []
    for _ in range(900):
        times += [worker.now] * len(await worker.turn())
    assert len(times) > 10
    assert max(later - earlier for earlier, later in pairwise(times)) <= 62 * SECOND
    assert all(d.notices[-1].alert.status == "firing" for d in worker.received)


async def test_quiet_hours_do_not_stop_the_heartbeats(alert: MakeAlert, settings: Settings) -> None:
    """Every alert would be told as over when the night begins."""
    worker = Worker(settings(am=AM | {"quiet": "12:05-14:00"}))
    worker.write(alert())
    times = []
    for _ in range(1_200):
        times += [worker.now] * len(await worker.turn())
    assert max(later - earlier for earlier, later in pairwise(times)) <= 62 * SECOND
    assert times[-1] - START > 18 * MINUTE
