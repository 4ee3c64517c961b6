"""Late signals, told to whoever reads the log."""

from dataclasses import dataclass, field
from typing import Final

import structlog

from agents.watch import Watch
from streams.handler import Batch

_EVERY: Final = 60_000
"""Milliseconds between two lines about one partition."""
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Latecomers:
    """Tells of each partition's late signals once a minute, if there were more."""

    _told: dict[int, tuple[int, int]] = field(default_factory=dict)

    def tell(self, batch: Batch[Watch]) -> None:
        """A line if more are late than were told, and the last line is old enough."""
        late, lost = batch.memory.ordering.late, batch.memory.population.late
        told, at = self._told.get(batch.partition, (0, -_EVERY))
        if late + lost > told and batch.now - at >= _EVERY:
            self._told[batch.partition] = late + lost, batch.now
            _log.warning(
                "late signals",
                partition=batch.partition,
                out_of_order=late,
                not_counted=lost,
                remedy="a higher detect.lateness waits longer for them",
            )
