"""What the detector remembers of one partition."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from agents.detecting.detector_changelog import Note, buffer_entries, found, population_entries
from agents.detecting.silence import Silence
from detection.ordering.reorder_buffer import ReorderBuffer
from detection.ordering.watermarks import NEVER
from detection.population import Population
from detection.rule import Rule
from schemas.alert import Alert
from schemas.signal import Signal
from streams.core.handler import Change

AHEAD: Final = 86_400.0
"""Seconds by which clocks and time zones may differ."""


class DetectorState:
    """Every subject of one partition, and the signals that wait to be counted.

    What comes out is a function of the signals and of the order in which they lie in the log,
    never of how the log was cut, nor of restarts.
    """

    def __init__(self, rule: Rule, lineages: int, changes: Iterable[Change]) -> None:
        """The memory that wrote ``changes``, but for the signals that waited: see `put_back`.

        Raises:
            Misconfigured: another release wrote them, or bins of another length.
        """
        known = found(rule, changes)
        progress = known.note.progress
        self.population = Population.rebuilt(rule, known.population.items())
        self.ordering = ReorderBuffer.rebuilt(rule, lineages, progress, known.lineages)
        self.silence = Silence()
        self.oldest = progress.oldest
        """Offset of the first signal that is to be put back, if any is."""
        self._rule = rule
        self._set_aside = list(known.note.set_aside)
        self._moved = False
        self._reached = NEVER

    def put_back(self, signal: Signal, offset: int) -> None:
        """Take a signal in again that may have waited."""
        if offset not in self._set_aside:
            self.ordering.put_back(signal, offset)

    def forget_from(self, position: int) -> None:
        """Forget offsets from ``position`` on: the log lost the records that had them."""
        self._set_aside = [offset for offset in self._set_aside if offset < position]

    def is_ahead(self, signal: Signal, at: float) -> bool:
        """Whether a signal, sent ``at`` a Unix time, is dated in the future and no other is.

        It would take the detector's clock with it, and all news after it would be late. Where all
        news is dated in the future, that is the feed's time.
        """
        latest = at + AHEAD
        return signal.published.timestamp() > latest and NEVER < self.ordering.newest <= latest

    def set_aside(self, offset: int) -> None:
        """Take note of a record that is not to be counted when it is read again."""
        if len(self.ordering):
            self._set_aside.append(offset)
            self._moved = True

    def offer(self, signal: Signal, at: float, offset: int) -> list[Alert]:
        """Take a signal in, sent ``at`` a Unix time; the alerts of all that need wait no longer."""
        self._moved = True
        self.ordering.offer(signal, at, offset)
        return self._go_on(0.0, 0.0)

    def wait(self, wall: int) -> list[Alert]:
        """Nothing came until ``wall`` (milliseconds): the alerts of the time that went by.

        Signals that waited are counted once all lineages are idle. Bins are closed a bin's length
        later: the silence may be that of a stage before this one, and its news still to come.
        """
        waiting = len(self.ordering)
        alerts = self._go_on(self.silence.last(wall), self._rule.bin.total_seconds())
        self._moved = self._moved or len(self.ordering) < waiting
        return alerts

    @property
    def delay(self) -> float | None:
        """Event time, in seconds, by which the newest signal is ahead of what is counted.

        None before the first, and while a lineage that was never heard of may still begin.
        """
        reached = self.ordering.frontier()
        return max(0.0, self.ordering.newest - reached) if reached > NEVER else None

    def changes(self) -> Iterator[Change]:
        """What the changelog has to note since the last call, one change a key."""
        yield from population_entries(self.population.changes())
        if self._moved:
            self._moved = False
            yield from buffer_entries(self._rule, self.ordering.heard(), self._note())

    def _note(self) -> Note:
        progress = self.ordering.progress
        oldest = progress.oldest
        self._set_aside = [it for it in self._set_aside if oldest is not None and it > oldest]
        return Note(progress, tuple(self._set_aside))

    def _go_on(self, silence: float, patience: float) -> list[Alert]:
        alerts: list[Alert] = []
        for signal in self.ordering.release(silence):
            alerts += self.population.count(signal)
        reached = self.ordering.frontier(silence, patience)
        if reached > self._reached:
            self._reached = reached
            alerts += self.population.advance(datetime.fromtimestamp(reached, UTC))
        return alerts
