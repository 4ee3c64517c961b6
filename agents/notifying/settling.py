"""What is written down when an attempt to tell a route something has ended."""

from datetime import timedelta
from typing import Any, Final, NamedTuple

from agents.notifying.notice import AlertRecord, Delivery, Notice, Told
from agents.notifying.outbox import Outbox
from agents.notifying.planning import Routes
from agents.notifying.retrying import Outcome, pause
from agents.notifying.routes import AnyRoute

_MILLISECOND: Final = timedelta(milliseconds=1)
_SECOND: Final = 1_000


GivenUp = tuple[Notice, AlertRecord]
"""A notice that no route is told any more, and the record that its alert came in."""


class Report(NamedTuple):
    """Outcome of a delivery, and the seconds that the attempt took."""

    delivery: Delivery
    outcome: Outcome
    seconds: float = 0.0


def settle(outbox: Outbox, routes: Routes, report: Report, now: int, luck: float) -> list[GivenUp]:
    """Write down what became of a delivery; return the notices that are given up.

    The delivery may be one of an earlier hold on the partition, and settled by another worker
    since: then there is nothing to write.
    """
    delivery, outcome, _ = report
    state = outbox.routes.get(delivery.route)
    if state is None:
        return []
    if state.under_way == delivery.key:
        state.under_way = ""
    notices = [notice for notice in state.notices.values() if notice.delivery == delivery.key]
    if not notices:
        return []
    attempt = _Attempt(outbox, delivery.route, routes[delivery.route], notices, outcome, now)
    if outcome.verdict == "delivered":
        state.sent.append(now)
        for notice in notices:
            outbox.drop(delivery.route, notice)
            _tell(attempt, notice)
        return []
    if outcome.verdict == "retry":
        return _failed(attempt, luck)
    is_mixed = len(notices) > 1 or (attempt.route.is_stateful and not notices[0].alone)
    if not (is_mixed and outcome.is_of_content):
        return attempt.give_up()
    attempt.change(delivery="", alone=True)  # they are sent one by one; what is refused then, goes
    return []


class _Attempt(NamedTuple):
    """One attempt that has ended: of which route, with which notices, and how."""

    outbox: Outbox
    name: str
    route: AnyRoute
    notices: list[Notice]
    outcome: Outcome
    now: int

    def change(self, **fields: Any) -> None:
        """Change all notices."""
        for notice in self.notices:
            self.outbox.put(self.name, notice._replace(**fields))

    def give_up(self) -> list[GivenUp]:
        """Drop the notices and return them. A repetition is repeated later, and no loss.

        The end of an alert that the route then knows nothing of is not told either. An alert whose
        end is given up is forgotten, or it would be told for ever that it goes on.
        """
        outbox, name = self.outbox, self.name
        state = outbox.routes[name]
        over = {notice.alert.id for notice in self.notices if notice.alert.status == "resolved"}
        for notice in self.notices:
            outbox.drop(name, notice)
        for notice in self.notices:
            previous = state.heard.get(notice.alert.id)
            pending = [n for n in state.notices.values() if n.alert.id == notice.alert.id]
            if previous and notice.record is None:
                outbox.know(name, previous._replace(last=self.now))
            elif previous and notice.alert.status == "resolved":
                outbox.forget(name, previous)
            elif not previous and all(other.alert.status == "resolved" for other in pending):
                for other in pending:
                    outbox.drop(name, other)
                if not pending and notice.alert.id not in over:
                    outbox.miss(name, notice.alert)
        return [(notice, notice.record) for notice in self.notices if notice.record is not None]


def _failed(attempt: _Attempt, luck: float) -> list[GivenUp]:
    """Note the next attempt, unless the budget is used up."""
    first, now = attempt.notices[0], attempt.now
    if now - first.began >= attempt.route.budget / _MILLISECOND:
        return attempt.give_up()
    asked = attempt.outcome.retry_after
    due = now + round(_SECOND * pause(first.attempts + 1, asked, luck))
    if asked:
        attempt.outbox.routes[attempt.name].resting = due
    attempt.change(attempts=first.attempts + 1, due=due)
    return []


def _tell(attempt: _Attempt, notice: Notice) -> None:
    """Remember that the route was told ``notice``."""
    outbox, name, route, _, _, now = attempt
    state, alert = outbox.routes[name], notice.alert
    previous = state.heard.get(alert.id)
    is_over = alert.status == "resolved"
    if is_over and not route.is_stateful:
        if previous:
            outbox.forget(name, previous)
        return
    is_replayed = notice.record is not None and bool(notice.record.route)
    if is_replayed and not is_over and previous is None and alert.id not in state.missed:
        return  # the alert is over, and nobody would ever tell its end
    former = previous.former if previous else ()
    if previous and previous.alert.severity != alert.severity:
        former = (*former, (previous.alert.severity, now))
    ended = (previous.ended if previous and previous.ended else now) if is_over else 0
    first = previous.first if previous else now
    outbox.know(name, Told(alert, first, now, ended, former))
    if route.is_stateful and not notice.alone:  # all others were told again in the same message
        for other in list(state.heard.values()):
            outbox.know(name, other._replace(last=now))
