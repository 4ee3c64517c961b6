"""The worker is killed between any two lines; nothing is missing, and duplicates share a key."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.notifying.notice import Delivery
from agents.notifying.retrying import DELIVERED, Outcome
from agents.notifying.routes import NotifySettings
from schemas.alert import Alert
from tests.agents.notifying.worker import HOUR, Worker

MakeAlert = Callable[..., Alert]
STEPS = (("firing", "minor"), ("escalated", "major"), ("escalated", "critical"))
DEATHS = (
    "none",
    "before the commit",
    "after the commit",
    "under way",
    "after it arrived",
)
ROUTES = {
    "each": {"to": "webhook", "url": "https://one.example"},
    "group": {"to": "webhook", "url": "https://two.example", "group": "all", "group_wait": "3"},
    "pager": {"to": "pagerduty", "secret": "key", "severity": "major"},
}

answers = st.sampled_from([DELIVERED, Outcome("retry", "busy"), Outcome("retry", "", 5.0)])
turns = st.tuples(st.integers(0, 2), st.sampled_from(DEATHS), answers)


async def turn(worker: Worker, death: str, answer: Outcome) -> None:
    """Do one turn, and die in it where ``death`` says."""
    decision = await worker.decide()
    if death == "before the commit":
        return worker.kill()
    worker.commit(decision)
    if death == "after the commit":
        return worker.kill()
    if decision.after_commit:
        decision.after_commit()
    if death == "under way":
        return worker.kill()
    worker.arrive(lambda _: answer)
    if death == "after it arrived":
        return worker.kill()
    worker.now += 1_000
    return None


@pytest.mark.property
@settings(max_examples=150, deadline=None)
@given(st.lists(turns, max_size=40))
async def test_nothing_is_missing_and_duplicates_share_a_key(
    alert: MakeAlert, script: list[tuple[int, str, Outcome]]
) -> None:
    """A pager would not be called, or be called twice for one thing."""
    worker = Worker(NotifySettings.model_validate({"routes": ROUTES}))
    written: list[Alert] = []
    for subject, death, answer in script:
        name = f"company:C{subject}"
        number = sum(item.subject == name for item in written)
        if number <= len(STEPS):
            status, severity = (*STEPS, ("resolved", "critical"))[number]
            written.append(alert(subject=name, status=status, severity=severity))
            worker.write(written[-1])
        await turn(worker, death, answer)
    for _ in range(200):
        await turn(worker, "none", DELIVERED)
    assert worker.is_done
    assert worker.rejections == []
    expected = {item.event_id for item in written}
    later = {item.event_id for item in written if item.severity != "minor"}
    for route, ids in {"each": expected, "group": expected, "pager": later}.items():
        check(worker.received, route, ids, [item.event_id for item in written])


def check(received: list[Delivery], route: str, expected: set[str], order: list[str]) -> None:
    """Compare what a route's receiver took with what was to be told."""
    taken = [delivery for delivery in received if delivery.route == route]
    contents: dict[str, list[str]] = {}
    for delivery in taken:
        ids = [notice.id for notice in delivery.notices]
        assert contents.setdefault(delivery.key, ids) == ids
    heard = [notice_id for ids in contents.values() for notice_id in ids]
    assert len(heard) == len(set(heard)), "one change was told under two keys"
    assert set(heard) == expected
    for subject in range(3):
        of_one = [item for item in heard if f":C{subject}." in item]
        assert of_one == [item for item in order if item in of_one]


async def test_an_end_comes_after_its_beginning_though_the_clock_was_set_back(
    alert: MakeAlert,
) -> None:
    """A worker on another machine would tell the end first, and then for ever that it goes on."""
    route = {"to": "webhook", "url": "https://desk.example", "group_wait": "2h"}
    worker = Worker(NotifySettings.model_validate({"routes": {"desk": route}}))
    worker.write(alert())
    await worker.turn()
    worker.now -= HOUR
    end = alert(status="resolved")
    worker.write(end)
    await worker.turn()
    worker.kill()
    worker.now += 5 * HOUR
    for _ in range(3):
        await worker.turn()
    assert worker.heard() == [alert().event_id, end.event_id]
