"""Add to the time of day as many seconds as a file says: Python imports this when it starts."""

import os
import time
from pathlib import Path

_file = Path(os.environ["CHAOS_CLOCK"])
_time, _time_ns = time.time, time.time_ns
_state = {"read": 0.0, "offset": 0}
_SECONDS_BETWEEN_READS = 0.2
_NANOSECONDS = 1_000_000_000


def _offset() -> int:
    now = time.monotonic()
    if now - _state["read"] > _SECONDS_BETWEEN_READS:
        _state.update(read=now, offset=int(_file.read_text()))
    return int(_state["offset"])


def _wrong_time() -> float:
    return _time() + _offset()


def _wrong_time_ns() -> int:
    return _time_ns() + _offset() * _NANOSECONDS


time.time, time.time_ns = _wrong_time, _wrong_time_ns
