"""Warn in the log about late signals."""

from dataclasses import dataclass, field
from typing import Final

import structlog

from agents.detecting.detector_state import DetectorState
from streams.core.handler import Batch

_MIN_INTERVAL_MILLISECONDS: Final = 60_000
"""The shortest time between two warnings about one partition."""
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class LateSignalLog:
    """Warns about new late signals, at most once a minute for each partition."""

    _last: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Partition to the count of late signals and the wall clock (ms) of the last warning."""

    def log(self, batch: Batch[DetectorState]) -> None:
        """Warn if more signals are late than in the last warning, and that one is old enough."""
        late = batch.memory.late
        last_count, last_time = self._last.get(batch.partition, (0, -_MIN_INTERVAL_MILLISECONDS))
        if sum(late) > last_count and batch.now - last_time >= _MIN_INTERVAL_MILLISECONDS:
            self._last[batch.partition] = sum(late), batch.now
            _log.warning(
                "late signals",
                partition=batch.partition,
                **late._asdict(),
                remedy="a higher detect.lateness waits longer for them",
            )
