"""Times as lists and objects: how databases, serializers and languages write them."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from pydantic import JsonValue

from schemas.incoming.times.numbers import UnreadableTime

_WRAPPERS: Final = (
    "$date", "#text", "@value", "$", "value", "$numberlong", "$timestamp", "t", "_", "datetime",
    "date", "$t", "iso", "iso8601", "utc", "raw", "long", "string", "unix", "epoch", "timestamp",
    "rendered", "gmt",
)  # fmt: skip
"""Keys under which a time stands in an object, in lower case."""
_ZONES: Final = ("timezone", "tz", "zone")
_SECONDS: Final = ("seconds", "_seconds", "epochsecond")
_NANOSECONDS: Final = ("nanos", "nanoseconds", "_nanoseconds", "nano")
_NAMES: Final = (
    ("year", "y"), ("monthvalue", "monthofyear", "month"), ("dayofmonth", "day"),
    ("hourofday", "hours", "hour"), ("minuteofhour", "minutes", "minute"),
    ("secondofminute", "seconds", "second"), ("nano", "nanos", "nanoseconds"),
)  # fmt: skip
"""Names of year, month, day, hour, minute, second and nanosecond."""
_LIST_LENGTHS: Final = range(3, 10)
"""Year, month, day and more, as Java's Jackson and Python's `struct_time` write a time."""
_WITH_NANOSECONDS: Final = 7
_A_SECOND: Final = 1_000_000_000
_FIRST_OF_UNITS: Final = 100_000_000
"""Seconds from which nanoseconds can be told from other units."""


class Simpler(NamedTuple):
    """A value that says the same time as a structure, and the name of its zone, if it has one."""

    value: JsonValue
    zone: str = ""


def simplified(value: list[JsonValue] | dict[str, JsonValue]) -> Simpler:
    """Return the text or number that a structure holds; None for one without anything.

    Raises:
        UnreadableTime: It is no time.
    """
    if not value:
        return Simpler(None)
    result = _of_list(value) if isinstance(value, list) else _of_object(value)
    if result is None:
        kind = "a list" if isinstance(value, list) else "an object"
        raise UnreadableTime(f"is no time but {kind}")
    return result


def _of_list(value: list[JsonValue]) -> Simpler | None:
    if len(value) == 1:
        return Simpler(value[0])
    if isinstance(value[0], str) and all(isinstance(entry, str) for entry in value):
        return Simpler(value[0])
    if len(value) not in _LIST_LENGTHS or any(type(part) is not int for part in value):
        return None
    numbers = [int(str(part)) for part in value]
    return Simpler(_written(numbers[:6], numbers[6] if len(numbers) == _WITH_NANOSECONDS else 0))


def _of_object(value: Mapping[str, JsonValue]) -> Simpler | None:
    low = {name.lower(): entry for name, entry in value.items()}
    zone = next((name for key in _ZONES if isinstance(name := low.get(key), str)), "")
    if "year" in low:
        parts = [_number(low, names) for names in _NAMES]
        return Simpler(_written(parts[:6], parts[6]), zone)
    seconds = next((low[key] for key in _SECONDS if isinstance(low.get(key), int | str)), None)
    if seconds is not None:
        whole = str(seconds)
        nanoseconds = _number(low, _NANOSECONDS)
        if not whole.isdigit() or int(whole) < _FIRST_OF_UNITS or not nanoseconds:
            return Simpler(seconds)
        return Simpler(int(whole) * _A_SECOND + nanoseconds)
    date, time = low.get("date"), low.get("time")
    if isinstance(date, dict) and isinstance(time, dict):
        return Simpler({**date, **time}, zone)
    if isinstance(date, str) and isinstance(time, str) and ":" in time and ":" not in date:
        return Simpler(f"{date} {time}", zone)
    wrapped = next((low[key] for key in _WRAPPERS if low.get(key) is not None), None)
    return None if wrapped is None else Simpler(wrapped, zone)


def _number(low: Mapping[str, JsonValue], names: tuple[str, ...]) -> int:
    number = next((low[name] for name in names if isinstance(low.get(name), int)), 0)
    return int(str(number)) if type(number) is int else 0


def _written(parts: list[int], nanoseconds: int) -> str:
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    # Jackson writes milliseconds here where nanoseconds are turned off.
    digits = f"{nanoseconds:03}" if nanoseconds < 1_000 else f"{nanoseconds:09}"  # noqa: PLR2004 - milliseconds
    text = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    return f"{text}.{digits}" if nanoseconds > 0 else text
