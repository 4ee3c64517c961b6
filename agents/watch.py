"""What the detector remembers of one partition, and how its changelog holds it.

============== ==================================================================
key            value
============== ==================================================================
``s|subject``  the subject's `State`
``p|number``   a `Signal` that waits for its turn; a tombstone once it left
``l|lineage``  latest event time of a lineage
``r|``         processing time, and the place of the last signal that left
============== ==================================================================
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

import orjson

from agents.clock import Clock
from detection.ordering import Ordering, Place, Snapshot
from detection.rule import Rule
from detection.state import State
from detection.step import step, tick
from schemas.alert import Alert
from schemas.signal import Signal
from streams.handler import Change

Found = Mapping[str, Mapping[str, bytes]]


@dataclass(slots=True)
class Watch:
    """Every subject of one partition, and the signals that wait to be counted.

    ``reached`` is the event time of the last signal counted.
    """

    rule: Rule
    ordering: Ordering
    clock: Clock = field(default_factory=Clock)
    reached: datetime | None = None
    _states: dict[str, State] = field(default_factory=dict)
    _firing: set[str] = field(default_factory=set)
    _touched: set[str] = field(default_factory=set)

    @classmethod
    def recalled(cls, rule: Rule, lineages: int, entries: Iterable[Change]) -> Self:
        """The memory that wrote ``entries``.

        Raises:
            ValueError: an entry is not of this release; the message says what to do.
        """
        found = _sorted(entries)
        now, released = _released(found)
        snapshot = _snapshot(found, released)
        watch = cls(rule, Ordering.rebuilt(rule, lineages, snapshot, now), Clock(now))
        watch.reached = released[0] if released else None
        for value in found["s"].values():
            watch._keep(State.from_bytes(value))
        watch._touched.clear()
        return watch

    def offer(self, signal: Signal) -> Iterator[Alert]:
        """Take a signal in; the alerts of whatever need not wait any longer."""
        self.ordering.offer(signal, self.clock.now)
        return self.release()

    def release(self) -> Iterator[Alert]:
        """Count what need not wait any longer."""
        for signal in self.ordering.release(self.clock.now):
            self.reached = max(signal.published, self.reached or signal.published)
            state, alert = step(self.rule, self._states.get(signal.subject), signal)
            self._keep(state)
            if alert:
                yield alert

    def resolve(self) -> Iterator[Alert]:
        """Resolve the alerts of subjects that have gone quiet.

        Event time is that of the last signal counted. While nothing comes and nothing waits, it
        runs on with the wall clock, or the last alert of a feed would never end.
        """
        if self.reached is None:
            return
        silence = 0.0 if len(self.ordering) else self.clock.silence
        now = self.reached + timedelta(seconds=silence)
        for subject in sorted(self._firing):
            state, alert = tick(self.rule, self._states[subject], now)
            if alert:
                self._keep(state)
                yield alert

    def changes(self) -> Iterator[Change]:
        """What the changelog has to note since the last call, one change a key."""
        moved = self.ordering.changes()
        if not (self._touched or moved.added or moved.removed or moved.lineages):
            return
        for subject in sorted(self._touched):
            yield b"s|" + subject.encode(), self._states[subject].to_bytes()
        self._touched.clear()
        for number, signal in moved.added.items():
            yield b"p|%d" % number, signal.to_bytes()
        for number in sorted(moved.removed):
            yield b"p|%d" % number, None
        for lineage, latest in moved.lineages.items():
            yield b"l|" + lineage.encode(), latest.isoformat().encode()
        yield b"r|", orjson.dumps([self.clock.now, moved.released])

    def _keep(self, state: State) -> None:
        self._states[state.subject] = state
        self._touched.add(state.subject)
        if state.onset:
            self._firing.add(state.subject)
        else:
            self._firing.discard(state.subject)


def _sorted(entries: Iterable[Change]) -> Found:
    found: dict[str, dict[str, bytes]] = {"s": {}, "p": {}, "l": {}, "r": {}}
    for key, value in entries:
        kind, _, name = key.decode().partition("|")
        if kind not in found:
            raise ValueError(f"state.detect holds a key of kind {kind!r}: run the later release")
        if value is None:
            found[kind].pop(name, None)
        else:
            found[kind][name] = value
    return found


def _released(found: Found) -> tuple[float, Place | None]:
    now, place = orjson.loads(found["r"].get("", b"[0.0,null]"))
    if place is None:
        return now, None
    published, key, subject = place
    return now, (datetime.fromisoformat(published), key, subject)


def _snapshot(found: Found, released: Place | None) -> Snapshot:
    pending = {int(number): Signal.from_bytes(value) for number, value in found["p"].items()}
    lineages = {
        lineage: datetime.fromisoformat(value.decode()) for lineage, value in found["l"].items()
    }
    return Snapshot(pending, lineages, released)
