"""What each route is told next: alerts and memory in, deliveries out, with time as an argument.

``admit`` takes an alert in, ``hush`` drops what was silenced since, and ``plan`` says what is to be
sent now; `settling` writes down what became of it. A route sends one delivery at a time, so that an
alert's changes arrive in order.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from operator import attrgetter
from typing import Final

from agents.notifying.notice import (
    AlertRecord,
    Delivery,
    Notice,
    Told,
    delivery_key,
    from_milliseconds,
)
from agents.notifying.outbox import Outbox, RouteState
from agents.notifying.quiet_hours import is_quiet, parse_quiet_hours
from agents.notifying.routes import AlertmanagerRoute, AnyRoute, is_at_least
from agents.silencing.silence_book import SilenceBook
from schemas.alert import Alert

Routes = Mapping[str, AnyRoute]
_MILLISECOND: Final = timedelta(milliseconds=1)


def admit(
    outbox: Outbox, routes: Routes, alert: Alert, now: int, record: AlertRecord | None = None
) -> None:
    """Note the change of an alert for every route that is to be told of it.

    What a person silenced is not told; the end of an alert is, where the alert was told, since
    somebody has it open there. A replayed change is for one route, whatever that takes.

    A change comes after those of its alert that wait, also if another machine's clock is behind, or
    if offsets begin anew on another cluster.
    """
    is_over, only = alert.status == "resolved", record.route if record else ""
    for name, route in routes.items():
        state = outbox.routes[name]
        previous = state.heard.get(alert.id)
        if only:
            is_wanted = only == name
        elif is_over:
            pending = (notice.alert.id for notice in state.notices.values())
            is_wanted = previous is not None or alert.id in pending
            outbox.miss(name, alert, is_over=True)
        else:
            is_silenced = record is not None and record.is_silenced
            is_wanted = route.takes(alert) and not is_silenced
        is_known = previous is not None and previous.alert.event_id == alert.event_id
        if is_wanted and not is_known and alert.event_id not in state.notices:
            notice = Notice(alert.event_id, alert, now, record)
            earlier = (other for other in state.notices.values() if other.alert.id == alert.id)
            last = max((other.order for other in earlier), default=notice.order)
            since = now if last <= notice.order else last[0] + 1
            outbox.put(name, notice._replace(since=since))


def hush(outbox: Outbox, book: SilenceBook, now: int) -> None:
    """Drop what waits about subjects that are silenced by now.

    What is being sent already is sent, and a replay of a dead letter, which somebody asked for. The
    end of an alert is told where the alert was. A heartbeat tells nobody anything new.
    """
    moment = from_milliseconds(now)
    for name, state in outbox.routes.items():
        waiting = [notice for notice in state.notices.values() if _is_silenceable(notice)]
        dropped = [note for note in waiting if book.covering(note.alert.subject, moment)]
        for notice in dropped:
            outbox.drop(name, notice)
        left = {note.alert.id for note in state.notices.values() if note.alert.status != "resolved"}
        never_told = {notice.alert.id for notice in dropped} - left - state.heard.keys()
        for notice in list(state.notices.values()):
            if notice.alert.id in never_told and not notice.delivery:
                outbox.drop(name, notice)


def _is_silenceable(notice: Notice) -> bool:
    record = notice.record
    is_new = record is not None and not record.route and notice.alert.status != "resolved"
    return is_new and not notice.delivery


def plan(
    outbox: Outbox, routes: Routes, partition: int, now: int, book: SilenceBook | None = None
) -> list[Delivery]:
    """Return what is to be sent now, and note that it will be; at most one delivery a route.

    Alerts that ``book`` has as silenced or acknowledged are not repeated.
    """
    deliveries = []
    for name, route in routes.items():
        state = outbox.routes[name]
        _expire(outbox, name, route, now)
        if state.under_way or state.resting > now:
            continue
        if not any(notice.delivery for notice in state.notices.values()):
            _begin(outbox, name, route, now, book or SilenceBook())
        planned = [notice for notice in state.notices.values() if notice.delivery]
        if planned and planned[0].due <= now:
            key = state.under_way = planned[0].delivery
            of_it = (notice for notice in planned if notice.delivery == key)
            members = tuple(sorted(of_it, key=attrgetter("order")))
            heard = dict(state.heard) if route.is_stateful else {}
            attempt = planned[0].attempts + 1
            deliveries.append(Delivery(partition, name, key, members, heard, attempt))
    return deliveries


def _begin(outbox: Outbox, name: str, route: AnyRoute, now: int, book: SilenceBook) -> None:
    """Plan the next delivery of a route that has none, if there is something to tell now."""
    state = outbox.routes[name]
    window = route.rate_window / _MILLISECOND
    state.sent = [moment for moment in state.sent if moment > now - window]
    if route.rate and len(state.sent) >= route.rate and not route.is_stateful:
        return
    if isinstance(route, AlertmanagerRoute):
        _beat(outbox, name, route, now)
    elif route.repeat:
        _repeat(outbox, name, route, now, book)
    ready = list(_ready(state, route, now))
    for first in ready:
        group = _group(route, first.alert)
        members = [notice for notice in ready if _group(route, notice.alert) == group]
        oldest = min(notice.since for notice in members)
        waits = not route.is_stateful and now - oldest < route.group_wait / _MILLISECOND
        if first.alone or not waits:
            # None overtakes one that is sent alone.
            alone = {notice.alert.id for notice in members if notice.alone}
            shared = [notice for notice in members if notice.alert.id not in alone]
            chosen = [first] if first.alone else shared[: route.max_notices]
            key = delivery_key(sorted(chosen, key=attrgetter("order")))
            for notice in chosen:
                outbox.put(name, notice._replace(delivery=key, began=now, due=now, attempts=0))
            return


def _group(route: AnyRoute, alert: Alert) -> str:
    """Return what alerts have in common that are told in one message."""
    if route.is_stateful or route.group == "all":
        return ""
    return alert.subject.partition(":")[0] if route.group == "kind" else alert.id


def _ready(state: RouteState, route: AnyRoute, now: int) -> Iterator[Notice]:
    """Yield the notices that may be told now; none overtakes an earlier one of its alert.

    A heartbeat says what is known already, so nothing holds it back.
    """
    hours = parse_quiet_hours(route.quiet)
    quiet = is_quiet(hours, route.quiet_zone, from_milliseconds(now))
    held, earlier = set[str](), set[str]()
    for notice in state.notices.values():
        alert = notice.alert
        waits = quiet and not is_at_least(alert.severity, route.quiet_below)
        if isinstance(route, AlertmanagerRoute) and alert.status == "resolved":
            since = previous.changed if (previous := state.heard.get(alert.id)) else 0
            waits |= alert.id in earlier or now < since + route.settle / _MILLISECOND
        waits |= alert.status == "resolved" and not route.resolved
        earlier.add(alert.id)
        is_heartbeat = route.is_stateful and notice.record is None
        if is_heartbeat or not (waits or alert.id in held):
            yield notice
        else:
            held.add(alert.id)


def _repeat(outbox: Outbox, name: str, route: AnyRoute, now: int, book: SilenceBook) -> None:
    """Note each alert that goes on and is to be told again.

    Nobody is reminded of what is silenced, or of what somebody takes care of.
    """
    state, interval = outbox.routes[name], route.repeat / _MILLISECOND
    pending = {notice.alert.id for notice in state.notices.values()}
    for previous in state.heard.values():
        alert = previous.alert
        if alert.id in pending or now - previous.last < interval:
            continue
        is_known = book.covering(alert.subject, from_milliseconds(now))
        if not (is_known or book.acknowledgement(alert.id)):
            outbox.put(name, _again(previous, now))


def _beat(outbox: Outbox, name: str, route: AlertmanagerRoute, now: int) -> None:
    """Note a heartbeat, if there is nothing else to tell: with anything all that holds is told."""
    state, interval = outbox.routes[name], route.heartbeat / _MILLISECOND
    if not any(True for _ in _ready(state, route, now)):
        due = (previous for previous in state.heard.values() if now - previous.last >= interval)
        for previous in islice(due, 1):
            outbox.put(name, _again(previous, now))


def _again(previous: Told, now: int) -> Notice:
    """Return the notice that tells what is known again, under a key of its own."""
    return Notice(f"{previous.alert.event_id}.repeat.{previous.last}", previous.alert, now)


def _expire(outbox: Outbox, name: str, route: AnyRoute, now: int) -> None:
    """Forget ends that were repeated for long enough, and those that the route does not want."""
    state = outbox.routes[name]
    pending = Counter(notice.alert.id for notice in state.notices.values())
    if isinstance(route, AlertmanagerRoute):
        before = now - route.resend / _MILLISECOND
        settled = min(before, now - route.settle / _MILLISECOND)
        for previous in list(state.heard.values()):
            former = tuple(pair for pair in previous.former if pair[1] > settled)
            if previous.ended and previous.ended <= before and previous.alert.id not in pending:
                outbox.forget(name, previous)
            elif former != previous.former:
                outbox.know(name, previous._replace(former=former))
    if not route.resolved:
        for notice in list(state.notices.values()):
            if notice.alert.status == "resolved" and pending[notice.alert.id] == 1:
                outbox.drop(name, notice)
                if known := state.heard.get(notice.alert.id):
                    outbox.forget(name, known)
