"""The life of an alert: pending, firing, perhaps escalated, resolved.

It begins when the evidence reaches the threshold, fires once it has stayed there for the rule's
``for``, escalates when the effect reaches the next severity, and resolves once the subject was
calm for ``keep_firing_for``: ups and downs within that time belong to one episode.

>>> episode = AlertState()
>>> [episode.follow(number, True, False, 3.0, wait=2, keep=4) for number in range(4)]
[None, None, 'firing', None]
>>> [episode.follow(number, False, True, 1.0, wait=2, keep=4) for number in range(4, 9)]
[None, None, None, 'resolved', None]
"""

from dataclasses import dataclass, field
from typing import Final

from detection.bins import Total
from schemas.alert import Severity, Status

SEVERITIES: Final[tuple[Severity, ...]] = ("minor", "major", "critical")
MAJOR: Final = 4.0
"""Times the expected negative volume from which a surge is major."""
CRITICAL: Final = 10.0
NONE: Final = -(1 << 50)
"""Long before any bin."""


def severity(effect: float) -> int:
    """Index of the severity of a surge to ``effect`` times the expected negative volume.

    >>> [SEVERITIES[severity(effect)] for effect in (2.0, 5.0, 50.0)]
    ['minor', 'major', 'critical']
    """
    return (effect >= MAJOR) + (effect >= CRITICAL)


@dataclass(slots=True)
class AlertBins:
    """Bins that matter to an alert, `NONE` where there is none.

    In ``pending`` the threshold was reached; ``alarmed`` is the last that was not calm while the
    alert fires. It ``fired``, or the last one did, by the rule of number ``rule``, and is a
    ``discovery`` if ``proof`` was reached. In ``settled`` it had last become the usual.
    """

    pending: int = NONE
    alarmed: int = NONE
    fired: int = NONE
    settled: int = NONE
    rule: int = 0
    severity: int = 0
    proof: float = 0.0
    discovery: bool = False


@dataclass(slots=True)
class AlertState:
    """Where a subject's alert stands; ``total`` runs since its onset."""

    phase: AlertBins = field(default_factory=AlertBins)
    total: Total = field(default_factory=Total)

    @property
    def firing(self) -> bool:
        """Whether an alert is on."""
        return self.phase.alarmed != NONE

    @property
    def waiting(self) -> bool:
        """Whether the evidence is there, but not yet for long enough."""
        return self.phase.pending != NONE and self.phase.alarmed == NONE

    def follow(  # noqa: PLR0913, PLR0917 - all that decides about an alert
        self, number: int, surging: bool, calm: bool, effect: float, wait: float, keep: float
    ) -> Status | None:
        """What happens at the end of a bin; ``wait`` and ``keep`` in the unit of its number."""
        phase = self.phase
        if self.firing:
            return self._go_on(number, calm, effect, keep)
        if not surging:
            phase.pending = NONE
            return None
        if phase.pending == NONE:
            phase.pending = number
        if number - phase.pending < wait:
            return None
        phase.fired = phase.alarmed = phase.settled = number
        phase.severity, phase.discovery = severity(effect), False
        return "firing"

    def settle(self, number: int, after: float) -> bool:
        """Whether the alert fires for so long, again, that what it tells of is the usual."""
        phase = self.phase
        due = self.firing and number - phase.settled >= after
        if due:
            phase.settled = number
        return due

    def prove(self, number: int, evidence: float, trial: float) -> bool:
        """Whether ``evidence`` makes a discovery of the alert, which was none before."""
        phase = self.phase
        tried = self.firing and not phase.discovery and number - phase.fired <= trial
        found = tried and evidence >= phase.proof
        phase.discovery |= found
        return found

    def _go_on(self, number: int, calm: bool, effect: float, keep: float) -> Status | None:
        phase = self.phase
        if not calm:
            phase.alarmed = number
        elif number - phase.alarmed >= keep:
            phase.pending = phase.alarmed = NONE
            return "resolved"
        if severity(effect) > phase.severity:
            phase.severity = severity(effect)
            return "escalated"
        return None
