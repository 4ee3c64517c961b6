"""Durations as people write them."""

import re
from typing import Any, Final

_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_WRITTEN: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhdw]?)\s*", re.ASCII)


def seconds(value: Any) -> Any:
    """Seconds, if ``value`` is a text such as 90, 10m, 24h or 7d; anything else as it is.

    >>> seconds("1.5h"), seconds("90"), seconds("PT1H")
    (5400.0, 90.0, 'PT1H')
    """
    written = _WRITTEN.fullmatch(value) if isinstance(value, str) else None
    return float(written[1]) * _SECONDS[written[2]] if written else value
