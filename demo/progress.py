"""The state of the running demo, and when all work is done."""

import asyncio
import time
from collections import deque
from typing import Final

from demo.chaos import Kill
from demo.lag import Lag
from demo.player import Player
from demo.reader import Reader
from demo.screen import Screen
from demo.view import Snapshot
from infra.supervisor import Supervisor
from schemas.channels import ACCEPTED, DEAD, SCORED, SIGNALS

_SCREEN_SECONDS: Final = 0.25
_LAG_SECONDS: Final = 0.5
_RATE_SECONDS: Final = 2.0
"""Rates are means over this time."""

_QUIET_SECONDS: Final = 3.0
"""All work is done if no record came for this time and no agent lags behind."""

_COUNTED_TOPICS: Final = {
    "accepted": ACCEPTED.topic,
    "scored": SCORED.topic,
    "signals": SIGNALS.topic,
    "dead": DEAD.topic,
}


class WorkersFailed(Exception):
    """All workers were given up by the supervisor."""


class Progress:
    """Combines the numbers of the player, the reader, the broker and the supervisor."""

    def __init__(self, player: Player, reader: Reader, workers: Supervisor) -> None:
        self._player = player
        self._reader = reader
        self._workers = workers
        self._lag: dict[str, int] = {}
        self._kills: list[Kill] = []
        self._start = time.monotonic()
        self._past_counts: deque[tuple[float, dict[str, int]]] = deque()

    def add_kill(self, kill: Kill) -> None:
        """Add a kill to those that are shown."""
        self._kills.append(kill)

    def committed(self) -> int:
        """Return the number of records that the workers have committed."""
        return self._reader.records.total()

    def snapshot(self) -> Snapshot:
        """Return the present state, and remember its counts for later rates."""
        counts = {"published": self._player.published}
        counts |= {name: self._reader.records[topic] for name, topic in _COUNTED_TOPICS.items()}

        # The rates are those since the oldest counts within `_RATE_SECONDS`.
        now = time.monotonic()
        self._past_counts.append((now, counts))
        while now - self._past_counts[0][0] > _RATE_SECONDS:
            self._past_counts.popleft()
        then, before = self._past_counts[0]
        span = now - then
        rates = {
            name: (count - before[name]) / span if span else 0.0 for name, count in counts.items()
        }
        return Snapshot(
            seconds=time.monotonic() - self._start,
            total=self._player.total,
            event_time=self._player.event_time,
            counts=counts,
            rates=rates,
            lag=dict(self._lag),
            alerts=tuple(self._reader.alerts),
            kills=tuple(self._kills),
        )

    async def show(self, screen: Screen) -> None:
        """Show the present state several times a second, until cancelled."""
        while True:
            screen.show(self.snapshot())
            await asyncio.sleep(_SCREEN_SECONDS)

    async def measure(self, lag: Lag) -> None:
        """Ask for the lag twice a second, until cancelled.

        Raises:
            WorkersFailed: The supervisor gave all workers up.
        """
        while True:
            # Records that the reader has not seen are missing from this lag, but then the reader
            # is not quiet.
            self._lag = await lag.measure({**self._player.heads, **self._reader.heads}) or {}
            if all(worker.state in ("given up", "finished") for worker in self._workers.status):
                raise WorkersFailed("the workers failed again and again; their logs say why")
            await asyncio.sleep(_LAG_SECONDS)

    async def wait_until_done(self, patience: float) -> bool:
        """Wait until no work is left; return False if nothing happens for ``patience`` seconds."""
        committed, since = self.committed(), time.monotonic()
        while True:
            is_quiet = self._reader.quiet_seconds >= _QUIET_SECONDS
            if is_quiet and self._lag and not any(self._lag.values()):
                return True
            if self.committed() > committed:
                committed, since = self.committed(), time.monotonic()
            if time.monotonic() > since + patience:
                return False
            await asyncio.sleep(_SCREEN_SECONDS)
