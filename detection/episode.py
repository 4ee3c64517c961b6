"""The life of an alert: pending, firing, perhaps escalated, resolved.

It begins when the evidence reaches the threshold, fires once it has stayed there for the rule's
``for``, escalates when the effect reaches the next severity, and resolves once the subject was
calm for ``keep_firing_for``: ups and downs within that time belong to one episode.

>>> episode = Episode()
>>> [episode.follow(number, True, 5.0, wait=2, keep=4) for number in range(4)]
[None, None, 'firing', None]
>>> episode.follow(4, True, 50.0, wait=2, keep=4)
'escalated'
>>> [episode.follow(number, False, 1.0, wait=2, keep=4) for number in range(5, 10)]
[None, None, None, 'resolved', None]
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from schemas.alert import Severity, Status

SEVERITIES: Final[tuple[Severity, ...]] = ("minor", "major", "critical")
MAJOR: Final = 4.0
"""Times the expected negative volume from which a surge is major."""
CRITICAL: Final = 10.0
CALM: Final = 2.0
"""Times the expected negative volume below which a surge is over."""
BRIGHT: Final = 0.8
"""Times the expected negative share below which a surge is one of good news."""
NONE: Final = -(1 << 50)
"""Long before any bin."""


def severity(effect: float) -> int:
    """Index of the severity of a surge to ``effect`` times the expected negative volume.

    >>> [SEVERITIES[severity(effect)] for effect in (2.0, 5.0, 50.0)]
    ['minor', 'major', 'critical']
    """
    return (effect >= MAJOR) + (effect >= CRITICAL)


class Bin(NamedTuple):
    """What came in one bin of one subject, and what was expected."""

    number: int
    volume: float
    negative: float
    expected: float
    share: float = 1.0
    stories: int = 0
    signals: int = 0


@dataclass(slots=True)
class Phase:
    """Bins that matter to an alert, `NONE` where there is none.

    In ``pending`` the threshold was reached; ``alarmed`` is the last that was not calm while the
    alert fires.
    """

    pending: int = NONE
    alarmed: int = NONE
    severity: int = 0


@dataclass(slots=True)
class Total:
    """All that came since ``onset``, the bin in which evidence began to gather.

    ``dark`` is the expected negative volume, ``peak`` the highest evidence.
    """

    onset: int = NONE
    volume: float = 0.0
    negative: float = 0.0
    expected: float = 0.0
    dark: float = 0.0
    stories: int = 0
    signals: int = 0
    peak: float = 0.0

    def add(self, it: Bin) -> None:
        """Count a bin."""
        if self.onset == NONE:
            self.onset = it.number
        self.volume += it.volume
        self.negative += it.negative
        self.expected += it.expected
        self.dark += it.expected * it.share
        self.stories += it.stories
        self.signals += it.signals

    @property
    def bright(self) -> bool:
        """Whether it is a surge of good news."""
        return self.negative * self.expected < BRIGHT * self.dark * self.volume


@dataclass(slots=True)
class Episode:
    """Where a subject's alert stands."""

    phase: Phase = field(default_factory=Phase)
    total: Total = field(default_factory=Total)

    @property
    def firing(self) -> bool:
        """Whether an alert is on."""
        return self.phase.alarmed != NONE

    @property
    def waiting(self) -> bool:
        """Whether the evidence is there, but not yet for long enough."""
        return self.phase.pending != NONE and self.phase.alarmed == NONE

    def follow(
        self, number: int, surging: bool, effect: float, wait: float, keep: float
    ) -> Status | None:
        """What happens at the end of a bin; ``wait`` and ``keep`` in the unit of its number."""
        phase = self.phase
        if self.firing:
            return self._go_on(number, effect, keep)
        if not surging:
            phase.pending = NONE
            return None
        if phase.pending == NONE:
            phase.pending = number
        if number - phase.pending < wait:
            return None
        phase.alarmed, phase.severity = number, severity(effect)
        return "firing"

    def _go_on(self, number: int, effect: float, keep: float) -> Status | None:
        phase = self.phase
        if effect >= CALM:
            phase.alarmed = number
        elif number - phase.alarmed >= keep:
            phase.pending = phase.alarmed = NONE
            return "resolved"
        if severity(effect) > phase.severity:
            phase.severity = severity(effect)
            return "escalated"
        return None
