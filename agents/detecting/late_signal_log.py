"""Late signals, told to whoever reads the log."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import structlog

from agents.detecting.detector_state import DetectorState
from streams.core.handler import Batch

_EVERY: Final = 60_000
"""Milliseconds between two lines about one partition."""
_log = structlog.get_logger(__name__)


class Late(NamedTuple):
    """Signals of one partition that came late, ever: counted after all, and no longer countable."""

    out_of_order: int
    not_counted: int


def late(watch: DetectorState) -> Late:
    """Those that ``watch`` has seen."""
    return Late(watch.ordering.late, watch.population.late)


@dataclass(slots=True)
class LateSignalLog:
    """Tells of each partition's late signals once a minute, if there were more."""

    _told: dict[int, tuple[int, int]] = field(default_factory=dict)

    def tell(self, batch: Batch[DetectorState]) -> None:
        """A line if more are late than were told, and the last line is old enough."""
        found = late(batch.memory)
        told, at = self._told.get(batch.partition, (0, -_EVERY))
        if sum(found) > told and batch.now - at >= _EVERY:
            self._told[batch.partition] = sum(found), batch.now
            _log.warning(
                "late signals",
                partition=batch.partition,
                **found._asdict(),
                remedy="a higher detect.lateness waits longer for them",
            )
