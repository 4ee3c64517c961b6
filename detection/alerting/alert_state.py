"""The life of an alert: pending, firing, perhaps escalated, resolved.

An alert is pending once the evidence reaches the threshold. It fires once the evidence has stayed
there for the rule's ``for``, escalates when the effect reaches the next severity, and resolves once
the subject was calm for ``keep_firing_for``: ups and downs within that time belong to one alert.

>>> alert = AlertState()
>>> [alert.step(number, True, False, 3.0, wait=2, keep=4) for number in range(4)]
[None, None, 'firing', None]
>>> [alert.step(number, False, True, 1.0, wait=2, keep=4) for number in range(4, 9)]
[None, None, None, 'resolved', None]
"""

from dataclasses import dataclass, field
from typing import Final

from detection.bins import Total
from schemas.alert import Severity, Status

SEVERITIES: Final[tuple[Severity, ...]] = ("minor", "major", "critical")
MAJOR_EFFECT: Final = 4.0
"""Multiple of the expected negative volume from which a surge is major."""
CRITICAL_EFFECT: Final = 10.0
"""Multiple of the expected negative volume from which a surge is critical."""
HYSTERESIS: Final = 0.5
"""Share of the threshold: a surge is not over while the evidence is above it."""
FIRING_PACE: Final = 0.25
"""Speed of learning while an alert fires, so that a surge hardly becomes the baseline."""
NEVER: Final = -(1 << 50)
"""A bin long before any other."""


def severity(effect: float) -> int:
    """Return the index in `SEVERITIES` of a surge to ``effect`` times the expected news.

    >>> [SEVERITIES[severity(effect)] for effect in (2.0, 5.0, 50.0)]
    ['minor', 'major', 'critical']
    """
    return (effect >= MAJOR_EFFECT) + (effect >= CRITICAL_EFFECT)


def is_busy(signals: float, active: float, pending: float) -> bool:
    """Return whether a subject is busy, with signals in its open bin, or an alert in these bins."""
    return bool(signals) or active != NEVER or pending != NEVER


@dataclass(slots=True)
class AlertState:
    """The alert of one subject. Bins are `NEVER` where there is none.

    Attributes:
        pending: bin in which the evidence reached the threshold.
        active: last bin that was not calm, while the alert fires.
        fired: bin in which the alert, or the last one, fired.
        rebaselined: bin in which it fired, or in which its level last became the baseline.
        rule: number of the rule by which it fired.
        severity: index in `SEVERITIES`.
        proof: evidence that makes it a discovery.
        discovery: whether it is one.
        total: totals since the onset.
    """

    pending: int = NEVER
    active: int = NEVER
    fired: int = NEVER
    rebaselined: int = NEVER
    rule: int = 0
    severity: int = 0
    proof: float = 0.0
    discovery: bool = False
    total: Total = field(default_factory=Total)

    @property
    def is_firing(self) -> bool:
        """Return whether the alert is on."""
        return self.active != NEVER

    def step(  # noqa: PLR0913, PLR0917 - all that decides about an alert
        self, number: int, is_surging: bool, is_calm: bool, effect: float, wait: float, keep: float
    ) -> Status | None:
        """Return what changes at the end of a bin.

        Args:
            number: time of the bin; ``wait`` and ``keep`` have the same unit.
            is_surging: whether the evidence reaches the threshold.
            is_calm: whether the surge, if there was one, is over.
            effect: observed news as a multiple of the expected news.
            wait: how long the evidence must stay at the threshold before the alert fires.
            keep: how long the subject must be calm before the alert resolves.
        """
        if not self.is_firing:
            if not is_surging:
                self.pending = NEVER
                return None
            if self.pending == NEVER:
                self.pending = number
            if number - self.pending < wait:
                return None
            self.fire(number, effect)
            return "firing"

        if not is_calm:
            self.active = number
        elif number - self.active >= keep:
            self.pending = self.active = NEVER
            return "resolved"
        if severity(effect) > self.severity:
            self.severity = severity(effect)
            return "escalated"
        return None

    def fire(self, number: int, effect: float) -> None:
        """Begin to fire in a bin, at this multiple of the expected news."""
        self.fired = self.active = self.rebaselined = number
        self.severity, self.discovery = severity(effect), False

    def is_rebaseline_due(self, number: int, after: float) -> bool:
        """Return whether the alert has fired for ``after`` since the last rebaseline."""
        return self.is_firing and number - self.rebaselined >= after

    def is_proven(self, number: int, evidence: float, trial: float) -> bool:
        """Return whether ``evidence``, within ``trial`` of firing, makes the alert a discovery.

        Return False if it is one already.
        """
        return (
            self.is_firing
            and not self.discovery
            and number - self.fired <= trial
            and evidence >= self.proof
        )
