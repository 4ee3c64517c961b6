"""Traces of subjects, kept until a backtest has ended."""

from array import array
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from detection.trace import TracePoint
from infra.usage_error import UsageError

MAX_POINTS: Final = 10_000_000
"""Points in memory, about 60 bytes each, after which no trace of a new subject begins."""


class Trace:
    """The trace points of one subject, in columns.

    Attributes:
        columns: Unix time, volume, expected volume, negative share, expected share, statistic and
            threshold, one value for each bin.
    """

    def __init__(self) -> None:
        self.columns = [array("d") for _ in TracePoint._fields[1:]]

    def add(self, point: TracePoint) -> None:
        """Add a point that is later than all points before."""
        self.columns[0].append(point.at.timestamp())
        for column, value in zip(self.columns[1:], point[2:], strict=True):
            column.append(value)

    @property
    def times(self) -> list[datetime]:
        """Return the ends of the bins, UTC."""
        return [datetime.fromtimestamp(second, UTC) for second in self.columns[0]]

    @property
    def bin(self) -> timedelta:
        """Return the length of a bin: the shortest time between two ends; an hour for one bin."""
        pauses = (later - earlier for earlier, later in pairwise(self.columns[0]))
        return timedelta(seconds=min(pauses, default=3600.0))


class Gallery:
    """The traces of one subject, ``only``, or of all subjects until there are `MAX_POINTS`.

    After that, subjects that have no trace yet get none.
    """

    def __init__(self, only: str = "") -> None:
        self._only = only
        self._points = 0
        self._traces: dict[str, Trace] = {}

    def add(self, point: TracePoint) -> None:
        """Add a point to the trace of its subject, in order of time."""
        if self._only and point.subject != self._only:
            return
        if self._points >= MAX_POINTS and point.subject not in self._traces:
            return
        self._points += 1
        self._traces.setdefault(point.subject, Trace()).add(point)

    @property
    def first(self) -> str:
        """Return the first subject with a trace, by name; empty if there is none."""
        return min(self._traces, default="")

    def __contains__(self, subject: str) -> bool:
        """Return whether the subject has a trace."""
        return subject in self._traces

    def trace(self, subject: str) -> Trace:
        """Return the trace of a subject.

        Raises:
            UsageError: the subject has no trace.
        """
        if subject not in self._traces:
            raise UsageError(f"--plot: too little was read to draw {subject or 'anything'}")
        return self._traces[subject]
