"""Input of the reference detectors: one value for each bin of each series, empty bins included."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

BIN_WIDTH: Final = timedelta(hours=6)
"""Default width: wide enough for a company with one headline a day, and still an acceptable delay
for a company with hundreds."""

_EPOCH: Final = datetime(1970, 1, 5, tzinfo=UTC)


class BinnedSeries:
    """Sums for each series and each bin of ``width``. Empty bins take no memory.

    >>> binned, start = BinnedSeries(timedelta(hours=6)), datetime(2008, 9, 15, 13, tzinfo=UTC)
    >>> for hours in (0, 1, 17):
    ...     binned.add("company:LEH", start + timedelta(hours=hours), 0.5)
    >>> list(binned.values("company:LEH")), binned.end("company:LEH", 0).isoformat()
    ([1.0, 0.0, 0.0, 0.5], '2008-09-15T18:00:00+00:00')
    """

    def __init__(self, width: timedelta = BIN_WIDTH) -> None:
        self.width = width
        self._sums: dict[str, dict[int, float]] = {}
        self._last = 0

    def add(self, series: str, time: datetime, value: float) -> None:
        """Add a value at an aware time; times may come in any order."""
        number = (time - _EPOCH) // self.width
        self._last = max(self._last, number)
        sums = self._sums.setdefault(series, {})
        sums[number] = sums.get(number, 0.0) + value

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all series, sorted."""
        return tuple(sorted(self._sums))

    def values(self, series: str) -> Iterator[float]:
        """Yield the values from the first bin of ``series`` to the last bin of all series."""
        sums = self._sums[series]
        for number in range(min(sums), self._last + 1):
            yield sums.get(number, 0.0)

    def end(self, series: str, index: int) -> datetime:
        """Return the end of the bin of ``values(series)[index]``, when it can be judged."""
        return _EPOCH + (min(self._sums[series]) + index + 1) * self.width

    def span(self) -> timedelta:
        """Return the time over which the series were watched, summed over all series."""
        bins = sum(self._last - min(sums) + 1 for sums in self._sums.values())
        return bins * self.width
