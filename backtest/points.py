"""Points: rows of a time and a number, without any text."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from math import isfinite
from operator import attrgetter
from typing import Final, NamedTuple, Self

import orjson

from backtest.external_sort import SortFormat
from backtest.scoring import Skip
from detection.series.series import MAX_VALUE
from infra.input.columns.plan import Reads
from infra.input.messages import InputMessage
from schemas.incoming.times.moment import instant
from schemas.refusal import Refusal

FIELDS: Final = ("timestamp", "value")
NUMBERS: Final = Reads(FIELDS, {field: (field,) for field in FIELDS}, "rows of numbers")
"""The columns that a CSV file must have, unless others are mapped to these fields."""


class Point(NamedTuple):
    """``value`` things that happened up to ``time``, UTC."""

    time: datetime
    value: float

    def to_bytes(self) -> bytes:
        """Return the point as a line of JSON."""
        return orjson.dumps(list(self))

    @classmethod
    def from_bytes(cls, line: bytes) -> Self:
        """Read a point from the bytes that `to_bytes` wrote."""
        time, value = orjson.loads(line)
        return cls(datetime.fromisoformat(time), value)


BY_TIME: Final[SortFormat[Point]] = SortFormat(attrgetter("time"), Point.to_bytes, Point.from_bytes)


def read_points(rows: Iterable[InputMessage], skip: Skip) -> Iterator[Point]:
    """Yield the points of ``rows``, in their order; pass a row that is not a point to ``skip``."""
    for row in rows:
        if row.problem:
            skip(row)
            continue
        try:
            point = _point(row.value)
        except (Refusal, ValueError) as error:
            skip(row._replace(problem=str(error)))
        else:
            yield point


def merge_same_time(points: Iterable[Point]) -> Iterator[Point]:
    """Yield points in order of time, with the values of one time added up.

    >>> time = datetime(2015, 3, 1)
    >>> [point.value for point in merge_same_time([Point(time, 1.0), Point(time, 2.0)])]
    [3.0]
    """
    for time, same_time in groupby(points, key=attrgetter("time")):
        yield Point(time, sum(point.value for point in same_time))


def _point(row: bytes) -> Point:
    fields = orjson.loads(row)
    if not isinstance(fields, dict):
        raise ValueError("is JSON, but not an object")  # noqa: TRY004 - what is wrong is the row
    missing = [field for field in FIELDS if fields.get(field) in (None, "")]
    if missing:
        raise ValueError(f"has no {', '.join(missing)}: name its column with --map")
    time, value = instant(fields["timestamp"], "timestamp"), fields["value"]
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"value is no number: {value!r:.40}") from None
    if not isfinite(number) or not 0.0 <= number <= MAX_VALUE:
        raise ValueError(
            f"value is {number}: how much happened is a number from 0 to {MAX_VALUE:g}"
        )
    return Point(time, number)
