"""What all subjects share: the pattern of the week, and what is known of a subject before it is
known itself (empirical Bayes).
"""

from dataclasses import dataclass, field
from typing import Final

from detection.profile import Profile
from detection.tail import Tail
from detection.volume import FIRST_SCATTER, SHRINKAGE, Prior, Volume
FIRST_LEVEL: Final = 0.3
"""Stories a bin, before there is a subject to learn from."""
SHAPE: Final = 0.5
"""Of the gamma distribution of levels over subjects: many small ones, few large."""
LONGEST: Final = 24.0
"""Bins that the prior of a level counts at most."""
KNOWN: Final = 5.0
"""Stories a bin at which one bin tells half as much of the week's pattern as can be told."""


@dataclass(slots=True)
class Sums:
    """``levels`` of all ``subjects`` added up; ``seasons`` of all ``bins`` passed."""

    levels: float = 0.0
    subjects: int = 0
    bins: int = 0
    seasons: float = 0.0


@dataclass(slots=True)
class Market:
    """Learnt from all subjects. Of ``scatter`` only the sums about scatter are used."""

    sums: Sums = field(default_factory=Sums)
    scatter: Volume = field(default_factory=Volume)
    tail: Tail = field(default_factory=Tail)
    profile: Profile = field(default_factory=Profile)

    def prior(self) -> Prior:
        """Of a subject's level."""
        level = self.sums.levels / self.sums.subjects if self.sums.subjects else FIRST_LEVEL
        level = max(level, 1e-3)
        return Prior(level, min(SHAPE / level, LONGEST))

    def usual_scatter(self) -> float:
        """Of counts, from all subjects."""
        weight = SHRINKAGE * 5
        return (self.scatter.excess + FIRST_SCATTER * weight) / (self.scatter.weight + weight)
