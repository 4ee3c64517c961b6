"""The outbox: what the routes are still to be told, and what they know. The memory of `notify`.

The changelog has one entry a subject, so that it lies in the partition of that subject's alerts and
moves with them when topics grow. An entry has everything about the subject on all routes.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

import orjson
import structlog

from agents.notifying.notice import Notice, Told
from agents.notifying.notice_codec import notice_fields, notice_of
from schemas.alert import Alert
from streams.core.errors import Misconfigured
from streams.core.handler import Change

_log = structlog.get_logger(__name__)

FORMAT: Final = 1
"""The form of an entry; another release may have another one."""


def check_entry(value: bytes) -> None:
    """Check that an entry is one that this release reads.

    Raises:
        ValueError: It is not.
    """
    entry = orjson.loads(value)
    if not isinstance(entry, dict) or entry.get("format") != FORMAT:
        raise ValueError("the outbox has another form")
    try:
        for parts in entry["routes"].values():
            for fields in parts.get("notices", ()):
                notice_of(fields)
    except (LookupError, AttributeError, TypeError) as error:
        raise ValueError("a notice can't be read") from error


def carried_entry(value: bytes, position: int) -> bytes:
    """Return an entry for a log of alerts that has none of the records before ``position``.

    They lie before its beginning, in the same order: their offsets are negative. A dead letter that
    names one does not name another alert, and no notice overtakes another.

    >>> entry = b'{"format":1,"routes":{"desk":{"notices":[{"record":[7,0,null,"{}",[]]}]}}}'
    >>> carried_entry(entry, 8)
    b'{"format":1,"routes":{"desk":{"notices":[{"record":[-1,0,null,"{}",[]]}]}}}'
    """
    entry = orjson.loads(value)
    for parts in entry["routes"].values():
        for fields in parts.get("notices", ()):
            if fields["record"]:
                fields["record"][0] -= position
    return orjson.dumps(entry)


@dataclass(slots=True)
class RouteState:
    """State of one route: what it is to be told, and what it knows.

    Attributes:
        notices: What it is still to be told, by the notice's id, oldest first.
        heard: What it knows of each alert that goes on, by the alert's id.
        missed: The subject of each alert that goes on and was given up, by the alert's id.
        sent: When it was told something, by the wall clock in milliseconds, for the rate limit.
        under_way: The key of the delivery that is being sent by this process; empty for none.
        resting: Until when the route sends nothing, because its receiver asked for it.
    """

    notices: dict[str, Notice] = field(default_factory=dict)
    heard: dict[str, Told] = field(default_factory=dict)
    missed: dict[str, str] = field(default_factory=dict)
    sent: list[int] = field(default_factory=list)
    under_way: str = ""
    resting: int = 0


class Outbox:
    """The state of all routes for one partition of `alerts`."""

    def __init__(self, routes: Collection[str], entries: Iterable[Change] = ()) -> None:
        """Recall what ``entries`` say; what is about a route that is not set is kept as it is.

        A worker that was started without its settings file must not forget what is to be told.

        Raises:
            Misconfigured: Another release wrote them.
        """
        self.routes = {name: RouteState() for name in routes}
        self._changed: set[str] = set()
        self._unset: dict[str, dict[str, Any]] = defaultdict(dict)
        for key, value in entries:
            if value is not None:
                self._recall(key.decode(), orjson.loads(value))
        if self._unset:
            unset = sorted({name for parts in self._unset.values() for name in parts})
            _log.warning("the memory has routes that are not set; it is kept", routes=unset)
        for state in self.routes.values():
            oldest_first = sorted(state.notices.values(), key=attrgetter("order"))
            state.notices = {notice.id: notice for notice in oldest_first}
            state.sent = sorted({previous.last for previous in state.heard.values()})

    def is_busy(self) -> bool:
        """Return whether any route is still to be told something, or knows of an alert."""
        return any(state.notices or state.heard for state in self.routes.values())

    def put(self, route: str, notice: Notice) -> None:
        """Add a notice, or change one."""
        self.routes[route].notices[notice.id] = notice
        self._changed.add(notice.alert.subject)

    def drop(self, route: str, notice: Notice) -> None:
        """Remove a notice."""
        del self.routes[route].notices[notice.id]
        self._changed.add(notice.alert.subject)

    def know(self, route: str, heard: Told) -> None:
        """Remember what a route was told of an alert."""
        self.routes[route].heard[heard.alert.id] = heard
        self.routes[route].missed.pop(heard.alert.id, None)
        self._changed.add(heard.alert.subject)

    def forget(self, route: str, heard: Told) -> None:
        """Forget an alert that is over."""
        del self.routes[route].heard[heard.alert.id]
        self._changed.add(heard.alert.subject)

    def miss(self, route: str, alert: Alert, *, is_over: bool = False) -> None:
        """Remember that a route was not told of an alert, until the alert is over."""
        if not is_over:
            self.routes[route].missed[alert.id] = alert.subject
        elif not self.routes[route].missed.pop(alert.id, ""):
            return
        self._changed.add(alert.subject)

    def changes(self) -> list[Change]:
        """Return the entries of subjects that changed since the last call."""
        changed, self._changed = self._changed, set()
        return [(subject.encode(), self._entry(subject)) for subject in sorted(changed)]

    def _entry(self, subject: str) -> bytes | None:
        by_route: dict[str, dict[str, Any]] = defaultdict(dict, self._unset.get(subject, {}))
        for name, state in self.routes.items():
            notices = [
                notice_fields(n) for n in state.notices.values() if n.alert.subject == subject
            ]
            heard = [
                [previous.alert.model_dump(mode="json"), *previous[1:]]
                for previous in state.heard.values()
                if previous.alert.subject == subject
            ]
            if notices:
                by_route[name]["notices"] = notices
            if heard:
                by_route[name]["told"] = heard
            if missed := [one for one, of in state.missed.items() if of == subject]:
                by_route[name]["missed"] = missed
        return orjson.dumps({"format": FORMAT, "routes": by_route}) if by_route else None

    def _recall(self, subject: str, entry: dict[str, Any]) -> None:
        if not isinstance(entry, dict) or entry.get("format") != FORMAT:
            raise Misconfigured(
                f"state.notify has an entry of {subject} that this release can't read: run the "
                "release that wrote it"
            )
        for name, parts in entry["routes"].items():
            if name not in self.routes:
                self._unset[subject][name] = parts
                continue
            state = self.routes[name]
            state.missed |= dict.fromkeys(parts.get("missed", ()), subject)
            for fields in parts.get("notices", ()):
                notice = notice_of(fields)
                state.notices[notice.id] = notice
            for alert, first, last, ended, former in parts.get("told", ()):
                pairs = tuple((severity, at) for severity, at in former)
                heard = Told(Alert.from_bytes(orjson.dumps(alert)), first, last, ended, pairs)
                state.heard[heard.alert.id] = heard
