"""What baselines read: a value for each bin of each series, empty ones included."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

BIN: Final = timedelta(hours=6)
"""Wide enough for a company of a headline a day, and as late as one may be for one of hundreds."""

_EPOCH: Final = datetime(1970, 1, 5, tzinfo=UTC)


class BinnedSeries:
    """Sums per series and bin of ``width``; memory grows with the bins that are not empty.

    >>> binned, at = BinnedSeries(timedelta(hours=6)), datetime(2008, 9, 15, 13, tzinfo=UTC)
    >>> for hours in (0, 1, 17):
    ...     binned.add("company:LEH", at + timedelta(hours=hours), 0.5)
    >>> list(binned.values("company:LEH")), binned.end("company:LEH", 0).isoformat()
    ([1.0, 0.0, 0.0, 0.5], '2008-09-15T18:00:00+00:00')
    """

    def __init__(self, width: timedelta = BIN) -> None:
        self.width = width
        self._sums: dict[str, dict[int, float]] = {}
        self._last = 0

    def add(self, series: str, at: datetime, value: float) -> None:
        """``at`` is aware, in any order."""
        number = (at - _EPOCH) // self.width
        self._last = max(self._last, number)
        sums = self._sums.setdefault(series, {})
        sums[number] = sums.get(number, 0.0) + value

    @property
    def names(self) -> tuple[str, ...]:
        """The series, in order."""
        return tuple(sorted(self._sums))

    def values(self, series: str) -> Iterator[float]:
        """From the first bin of ``series`` to the last one of all."""
        sums = self._sums[series]
        for number in range(min(sums), self._last + 1):
            yield sums.get(number, 0.0)

    def end(self, series: str, place: int) -> datetime:
        """When the bin at ``place`` of its `values` is over and can be judged."""
        return _EPOCH + (min(self._sums[series]) + place + 1) * self.width

    def span(self) -> timedelta:
        """The time over which all series were watched, added up."""
        bins = sum(self._last - min(sums) + 1 for sums in self._sums.values())
        return bins * self.width
