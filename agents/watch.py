"""What the detector remembers of one partition."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Self

from agents.changelog import entries, found
from agents.silence import Silence
from detection.ordering import Ordering
from detection.population import Population
from detection.rule import Rule
from detection.watermarks import UNSEEN
from schemas.alert import Alert
from schemas.signal import Signal
from streams.handler import Change

AHEAD: Final = 86_400.0
"""Seconds by which clocks and time zones may differ."""


@dataclass(slots=True)
class Watch:
    """Every subject of one partition, and the signals that wait to be counted.

    What comes out is a function of the signals and of the order in which they lie in the log,
    never of how the log was cut, nor of restarts.
    """

    population: Population
    ordering: Ordering
    patience: float
    silence: Silence = field(default_factory=Silence)
    _rule: Rule = field(default_factory=Rule)
    _reached: float = UNSEEN

    @classmethod
    def recalled(cls, rule: Rule, lineages: int, changes: Iterable[Change]) -> Self:
        """The memory that wrote ``changes``.

        Raises:
            Misconfigured: another release wrote them, or bins of another length.
        """
        known = found(rule, changes)
        return cls(
            Population.rebuilt(rule, known.population.items()),
            Ordering.rebuilt(rule, lineages, known.ordering),
            rule.bin.total_seconds(),
            _rule=rule,
        )

    def is_ahead(self, signal: Signal, at: float) -> bool:
        """Whether a signal, sent ``at`` a Unix time, is dated in the future and no other is.

        It would take the detector's clock with it, and all news after it would be late. Where all
        news is dated in the future, that is the feed's time.
        """
        latest = at + AHEAD
        return signal.published.timestamp() > latest and UNSEEN < self.ordering.newest <= latest

    def offer(self, signal: Signal, at: float) -> list[Alert]:
        """Take a signal in, sent ``at`` a Unix time; the alerts of all that need wait no longer."""
        self.ordering.offer(signal, at)
        return self._go_on(0.0, 0.0)

    def wait(self, wall: int) -> list[Alert]:
        """Nothing came until ``wall`` (milliseconds): the alerts of the time that went by.

        Signals that waited are counted once all lineages are idle. Bins are closed a bin's length
        later: the silence may be that of a stage before this one, and its news still to come.
        """
        return self._go_on(self.silence.last(wall), self.patience)

    def changes(self) -> Iterator[Change]:
        """What the changelog has to note since the last call, one change a key."""
        return entries(self._rule, self.population.changes(), self.ordering.changes())

    def _go_on(self, silence: float, patience: float) -> list[Alert]:
        alerts: list[Alert] = []
        for signal in self.ordering.release(silence):
            alerts += self.population.count(signal)
        reached = self.ordering.frontier(silence, patience)
        if reached > self._reached:
            self._reached = reached
            alerts += self.population.advance(datetime.fromtimestamp(reached, UTC))
        return alerts
