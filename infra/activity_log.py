"""The log of what agents do: a line at the first record, and counts once a minute."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from schemas.metrics.processing import (
    DEAD_LETTERS,
    MODEL_SECONDS,
    RECORDS_IN,
    RECORDS_OUT,
    Metric,
    Origin,
    Sample,
)

_log = structlog.get_logger("newsquake.worker")
_COUNTED: Final = (RECORDS_IN, RECORDS_OUT, MODEL_SECONDS)

Behind = Callable[[], Awaitable[Mapping[str, int]]]
"""Returns, for each agent of this process, the number of offsets that it has still to handle."""


@dataclass(slots=True)
class _Activity:
    """The sums of one agent since its last line.

    Attributes:
        sums: The sum of each counted metric, by the metric's name.
        dead: The number of dead letters, by reason.
        first_dead: The first record that was set aside.
    """

    sums: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    dead: Counter[str] = field(default_factory=Counter)
    first_dead: Origin | None = None


class ActivityLog:
    """Sums what agents commit and logs it; called as a `MetricsHook`.

    It is called once for each transaction, so it costs nothing for each record.
    """

    def __init__(self) -> None:
        self._activities: dict[str, _Activity] = {}
        self._first: set[tuple[str, str]] = set()
        self._last_line = time.monotonic()

    def __call__(self, agent: str, samples: Iterable[Sample]) -> None:
        """Add the samples of an agent; log its first record and its first dead letter."""
        for metric, value, labels, origin, _ in samples:
            if metric is DEAD_LETTERS:
                self._count_dead(agent, labels[0], int(value), origin)
            elif metric in _COUNTED:
                if metric is RECORDS_IN and self._is_first(agent, metric):
                    _log.info("first records committed", agent=agent, records_in=int(value))
                self._activity(agent).sums[metric.name] += value

    async def run(self, interval_seconds: float, behind: Behind) -> None:
        """Log a line for each agent every ``interval_seconds``, until cancelled."""
        while True:
            await asyncio.sleep(interval_seconds)
            self.log(await behind())

    def log(self, behind: Mapping[str, int]) -> None:
        """Log a line for each agent that has something to tell, and begin anew."""
        seconds = round(time.monotonic() - self._last_line, 1)
        self._last_line = time.monotonic()
        for agent in {**self._activities, **behind}:
            sums, dead = self._activity(agent).sums, self._activity(agent).dead
            if not (sums[RECORDS_IN.name] or dead or behind.get(agent)):
                continue
            write = _log.warning if dead else _log.info
            model, first = sums[MODEL_SECONDS.name], self._activity(agent).first_dead
            write(
                "records processed",
                agent=agent,
                seconds=seconds,
                records_in=int(sums[RECORDS_IN.name]),
                records_out=int(sums[RECORDS_OUT.name]),
                dead=dict(dead),
                behind=behind.get(agent, 0),
                **({"model_seconds": round(model, 1)} if model else {}),
                **({"first_dead": first._asdict()} if first else {}),
            )
            self._activities[agent] = _Activity()

    def _activity(self, agent: str) -> _Activity:
        return self._activities.setdefault(agent, _Activity())

    def _is_first(self, agent: str, metric: Metric) -> bool:
        """Return whether the agent has not counted the metric before, and remember that it has."""
        is_first = (agent, metric.name) not in self._first
        self._first.add((agent, metric.name))
        return is_first

    def _count_dead(self, agent: str, reason: str, count: int, origin: Origin | None) -> None:
        if self._is_first(agent, DEAD_LETTERS):
            _log.warning(
                "first dead letter: read why with `newsquake watch dead --from-beginning`; nothing "
                "is lost, the original is in the dead letter",
                agent=agent,
                reason=reason,
                **(origin._asdict() if origin else {}),
            )
        activity = self._activity(agent)
        activity.dead[reason] += count
        activity.first_dead = activity.first_dead or origin
