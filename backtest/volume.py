"""Rows of a time and a number, without any text."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from math import isfinite
from operator import attrgetter
from typing import Any, Final, NamedTuple

import orjson

from backtest.scored import Skip
from backtest.sorting import Form
from detection.series.series import MOST
from infra.input.messages import InputMessage
from schemas.instants import instant
from schemas.refusal import Refusal

FIELDS: Final = ("timestamp", "value")
WANTED: Final = {field: (field,) for field in FIELDS}


class Point(NamedTuple):
    """``value`` things happened up to ``at``, UTC."""

    at: datetime
    value: float


BY_TIME: Final[Form[Point]] = Form(
    attrgetter("at"), lambda it: orjson.dumps(list(it)), lambda line: _kept(*orjson.loads(line))
)


def points(rows: Iterable[InputMessage], skip: Skip) -> Iterator[Point]:
    """The points of ``rows``, in their order; a row that is none goes to ``skip``."""
    for row in rows:
        try:
            problem = row.problem or ""
            point = None if problem else _point(row.value)
        except (Refusal, ValueError) as error:
            point, problem = None, str(error)
        if point:
            yield point
        else:
            skip(row._replace(problem=problem))


def together(found: Iterable[Point]) -> Iterator[Point]:
    """Points in order of time, those of one time added up.

    >>> at = datetime(2015, 3, 1)
    >>> [point.value for point in together([Point(at, 1.0), Point(at, 2.0)])]
    [3.0]
    """
    for at, same in groupby(found, key=attrgetter("at")):
        yield Point(at, sum(point.value for point in same))


def _point(row: bytes) -> Point:
    fields = orjson.loads(row)
    if not isinstance(fields, dict):
        raise ValueError("is JSON, but not an object")  # noqa: TRY004 - what is wrong is the row
    missing = [field for field in FIELDS if fields.get(field) in (None, "")]
    if missing:
        raise ValueError(f"has no {', '.join(missing)}: name its column with --map")
    return Point(instant(fields["timestamp"], "timestamp"), _number(fields["value"]))


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"value is no number: {value!r:.40}") from None
    if not isfinite(number) or not 0.0 <= number <= MOST:
        raise ValueError(f"value is {number}: how much happened is a number from 0 to {MOST:g}")
    return number


def _kept(at: str, value: float) -> Point:
    return Point(datetime.fromisoformat(at), value)
