"""The life of an alert: pending, firing, perhaps escalated, resolved.

It begins when the evidence reaches the threshold, fires once it has stayed there for the rule's
``for``, escalates when the effect reaches the next severity, and resolves once the subject was
calm for ``keep_firing_for``: ups and downs within that time belong to one episode.
"""

from dataclasses import dataclass, field
from typing import Final

from detection.evidence import Run
from schemas.alert import Severity, Status

SEVERITIES: Final[tuple[Severity, ...]] = ("minor", "major", "critical")
MAJOR: Final = 4.0
"""Times the expected negative volume from which a surge is major."""
CRITICAL: Final = 10.0
NONE: Final = -(1 << 40)


def severity(effect: float) -> int:
    """Index of the severity of a surge to ``effect`` times the expected negative volume.

    >>> [SEVERITIES[severity(effect)] for effect in (2.0, 5.0, 50.0)]
    ['minor', 'major', 'critical']
    """
    return (effect >= MAJOR) + (effect >= CRITICAL)


@dataclass(slots=True)
class Phase:
    """``pending`` is the bin in which the threshold was reached, ``alarmed`` the last one that was
    not calm while an alert fires; `NONE` where there is none.
    """

    pending: int = NONE
    alarmed: int = NONE
    severity: int = 0


@dataclass(slots=True)
class Episode:
    """Where a subject's alert stands; ``total`` runs since its onset."""

    phase: Phase = field(default_factory=Phase)
    total: Run = field(default_factory=Run)

    @property
    def firing(self) -> bool:
        """Whether an alert is on."""
        return self.phase.alarmed != NONE

    def follow(self, number: int, *, surging: bool, calm: bool, effect: float, wait: int, keep: int) -> Status | None:
        """What happens at the end of a bin. ``wait`` and ``keep`` in bins."""
        if self.firing:
            return self._go_on(number, calm=calm, effect=effect, keep=keep)
        if not surging:
            self.phase.pending = NONE
            return None
        if self.phase.pending == NONE:
            self.phase.pending = number
        if number - self.phase.pending < wait:
            return None
        self.phase.alarmed, self.phase.severity = number, severity(effect)
        return "firing"

    def _go_on(self, number: int, *, calm: bool, effect: float, keep: int) -> Status | None:
        if not calm:
            self.phase.alarmed = number
        if number - self.phase.alarmed >= keep:
            self.phase.pending = self.phase.alarmed = NONE
            return "resolved"
        if severity(effect) > self.phase.severity:
            self.phase.severity = severity(effect)
            return "escalated"
        return None
