"""Baseline of a series of numbers: its mean per bin, and the pattern of its week.

The first day is a warm-up. It sets the mean and the variance between bins. Up to two of its bins
may be outliers without blinding the series.

>>> baseline = SeriesBaseline()
>>> for hour in range(24):
...     dispersion = baseline.warm_up(1e9 if hour == 3 else 6.0, 1.0)
>>> baseline.is_warm, baseline.expect(bin_of_week=0), round(dispersion, 1)
(True, 10.75, 4.5)
"""

from dataclasses import dataclass, field
from typing import Final

from detection.alerting.alert_state import FIRING_PACE
from detection.expected.bin_clock import WARM_UP_BINS, WEEK
from detection.expected.decayed_mean import BIN_DECAY
from detection.expected.volume_model import MIN_MEAN
from detection.expected.weekly_profile import WeeklyProfile

MAX_WARM_UP_OUTLIERS: Final = 2
"""Bins of the warm-up that may be outliers."""
OUTLIER_FACTOR: Final = 20.0
"""A bin of the warm-up is clipped at this many times the mean of the ordinary bins."""
CHECK_BINS: Final = 4.0 * WEEK
"""Interval at which the forecast is compared with the observed total."""
MAX_OVERESTIMATE: Final = 10.0
"""The forecast is wrong if it exceeds the observed total by more than this factor."""


@dataclass(slots=True)
class SeriesBaseline:
    """Expected value of a bin, learnt with exponential forgetting.

    Attributes:
        total: Decayed sum of the observed values.
        exposure: Decayed sum of the bins, each times its factor of the weekly profile.
        profile: Factors of the 168 bins of the week; their mean is 1.
        bin_of_week: Index of the current bin of the week.
        relative_total: Observed values over the mean, summed over the rows of the current bin.
        observed_bins: Length of these rows, in bins.
        warm_up_bins: Bins observed during the warm-up.
        warm_up_rows: (value, length in bins) of each bin of the warm-up; empty after it.
        checked_bins: Bins since the last check of the forecast.
        checked_total: Observed values since the last check.
        checked_forecast: Forecast for the time since the last check.
    """

    total: float = 0.0
    exposure: float = 0.0
    profile: WeeklyProfile = field(default_factory=WeeklyProfile)
    bin_of_week: int = 0
    relative_total: float = 0.0
    observed_bins: float = 0.0
    warm_up_bins: float = 0.0
    warm_up_rows: list[tuple[float, float]] = field(default_factory=list)
    checked_bins: float = 0.0
    checked_total: float = 0.0
    checked_forecast: float = 0.0

    @property
    def is_warm(self) -> bool:
        """Return whether the warm-up is over, so that `expect` has a meaning."""
        return self.warm_up_bins >= WARM_UP_BINS

    def warm_up(self, value: float, bins: float) -> float:
        """Count a row of the warm-up, ``bins`` long.

        Return the variance between the bins so far, relative to their squared mean.
        """
        index = int(self.warm_up_bins)
        self.warm_up_rows += [(0.0, 0.0)] * (index + 1 - len(self.warm_up_rows))
        earlier_value, earlier_bins = self.warm_up_rows[index]
        self.warm_up_rows[index] = earlier_value + value, earlier_bins + bins
        self.warm_up_bins += bins

        rates = [value / length for value, length in self.warm_up_rows if length]
        ordinary = sorted(rates)[: max(len(rates) - MAX_WARM_UP_OUTLIERS, 1)]
        limit = OUTLIER_FACTOR * sum(ordinary) / len(ordinary)
        if limit:
            rates = [min(rate, limit) for rate in rates]
        self.total, self.exposure = sum(rates), float(len(rates))
        if self.is_warm:
            self.warm_up_rows = []

        mean = self._mean()
        return sum((rate - mean) ** 2 for rate in rates) / len(rates) / (mean * mean)

    def expect(self, bin_of_week: int) -> float:
        """Return the expected value of this bin of the week."""
        return self._mean() * self.profile.factor(bin_of_week)

    def learn(self, bin_of_week: int, value: float, bins: float, *, firing: bool) -> None:
        """Count a row, ``bins`` long; it counts for less while an alert is ``firing``."""
        pace = FIRING_PACE if firing else 1.0
        fade = 1.0 - (1.0 - BIN_DECAY) * pace * bins
        exposure = self.profile.factor(bin_of_week) * bins
        self.total = self.total * fade + value * pace
        self.exposure = self.exposure * fade + exposure * pace

        # Lower the baseline if the series has nearly stopped since the last check.
        self.checked_bins += bins
        self.checked_total += value
        self.checked_forecast += self._mean() * exposure
        if self.checked_bins >= CHECK_BINS:
            if self.checked_total < self.checked_forecast / MAX_OVERESTIMATE:
                self.rescale(self.checked_total / self.checked_forecast)
            self.checked_bins = self.checked_total = self.checked_forecast = 0.0

        # Sum up the current bin of the week, and count it in the profile once it has ended.
        if bin_of_week != self.bin_of_week and self.observed_bins:
            relative = self.relative_total / self.observed_bins
            self.profile.learn(self.bin_of_week, relative, min(self.observed_bins, 1.0))
            self.relative_total = self.observed_bins = 0.0
        self.bin_of_week = bin_of_week
        self.relative_total += value / self._mean() * pace
        self.observed_bins += bins * pace

    def rescale(self, factor: float) -> None:
        """Expect ``factor`` times as much from now on, with the certainty of one warm-up."""
        mean, self.exposure = self._mean() * factor, float(WARM_UP_BINS)
        self.total = mean * self.exposure

    def _mean(self) -> float:
        return max(self.total / self.exposure, MIN_MEAN)
