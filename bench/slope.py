"""Whether a series of samples is flat: a slope that outliers do not move, and a tolerance.

The slope is the median of the slopes between all pairs of samples (Theil and Sen), of which up to
29 % may be wild: a kill makes a latency a hundred times as long, and says nothing about a leak.
"""

from collections.abc import Sequence
from statistics import median
from typing import Final, NamedTuple

HOUR: Final = 3600.0
MIN_SAMPLES: Final = 2


class Tolerance(NamedTuple):
    """The growth within which a series is flat, over the whole time that it was watched.

    Attributes:
        share: of the median.
        least: in the series' unit; the larger of both holds.
    """

    share: float
    least: float


class Verdict(NamedTuple):
    """What was found about a series.

    Attributes:
        name: of the series, with its unit.
        median: of its samples.
        an_hour: its slope.
        growth: what the slope amounts to over the time that was watched.
        allowed: the growth within which it is flat.
    """

    name: str
    median: float
    an_hour: float
    growth: float
    allowed: float

    @property
    def is_flat(self) -> bool:
        """True if it did not grow by more than is allowed. To shrink is no fault."""
        return self.growth <= self.allowed


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """Return the median slope of all pairs of samples.

    >>> slope([0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 2.0, 400.0, 6.0, 8.0])
    2.0
    """
    samples = list(zip(times, values, strict=True))
    slopes = [
        (later - value) / (after - before)
        for number, (before, value) in enumerate(samples)
        for after, later in samples[number + 1 :]
        if after > before
    ]
    return median(slopes) if slopes else 0.0


def verdict(
    name: str, times: Sequence[float], values: Sequence[float], tolerance: Tolerance
) -> Verdict:
    """Return whether a series is flat.

    Args:
        name: of the series, with its unit.
        times: of the samples, in seconds.
        values: one for each time; at least two.
        tolerance: the growth that is allowed.

    Raises:
        ValueError: there are fewer than two samples.
    """
    if len(values) < MIN_SAMPLES:
        raise ValueError(f"{name}: {len(values)} samples say nothing about a slope")
    middle, steepness = median(values), slope(times, values)
    growth = steepness * (times[-1] - times[0])
    allowed = max(tolerance.share * abs(middle), tolerance.least)
    return Verdict(name, middle, steepness * HOUR, growth, allowed)
