"""Durations in the short form that people write: 90, 10m, 24h, 7d."""

import re
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import BeforeValidator

_SECONDS_PER_UNIT: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SHORT_FORM: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhdw]?)\s*", re.ASCII)


def seconds(value: Any) -> Any:
    """Return the seconds if ``value`` is a text such as 90, 10m, 24h or 7d, else ``value`` itself.

    >>> seconds("1.5h"), seconds("90"), seconds("PT1H")
    (5400.0, 90.0, 'PT1H')
    """
    match = _SHORT_FORM.fullmatch(value) if isinstance(value, str) else None
    return float(match[1]) * _SECONDS_PER_UNIT[match[2]] if match else value


Duration = Annotated[timedelta, BeforeValidator(seconds)]
"""A time span inside a setting that is a table of its own."""
