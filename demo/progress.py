"""What is known of the demo at any moment, and when all of it is done."""

import asyncio
import time
from collections import deque

from demo.chaos import Kill
from demo.lag import Lag
from demo.player import Player
from demo.reader import Reader
from demo.screen import Screen
from demo.view import Snapshot
from infra.supervisor import Supervisor
from schemas.channels import ACCEPTED, DEAD, SCORED, SIGNALS

_TICK = 0.25
_LAG_SECONDS = 0.5
_RATE_SECONDS = 2.0
_QUIET_SECONDS = 3.0
_COUNTED = {
    "accepted": ACCEPTED.topic,
    "scored": SCORED.topic,
    "signals": SIGNALS.topic,
    "dead": DEAD.topic,
}


class WorkersFailed(Exception):  # noqa: N818 - it says what happened
    """No worker is left to wait for."""


class Progress:
    """Puts together what the player, the reader, the broker and the supervisor say."""

    def __init__(self, player: Player, reader: Reader, workers: Supervisor) -> None:
        self._player = player
        self._reader = reader
        self._workers = workers
        self._lag: dict[str, int] = {}
        self._kills: list[Kill] = []
        self._start = time.monotonic()
        self._past: deque[tuple[float, dict[str, int]]] = deque()

    def killed(self, kill: Kill) -> None:
        """Take note of a kill."""
        self._kills.append(kill)

    def done(self) -> int:
        """Records that the workers committed so far."""
        return self._reader.records.total()

    def snapshot(self) -> Snapshot:
        """The present moment."""
        counts = self._counts()
        return Snapshot(
            seconds=time.monotonic() - self._start,
            total=self._player.total,
            event_time=self._player.event_time,
            counts=counts,
            rates=self._rates(counts),
            lag=dict(self._lag),
            alerts=tuple(self._reader.alerts),
            kills=tuple(self._kills),
        )

    async def show(self, screen: Screen) -> None:
        """Show it again and again, until cancelled."""
        while True:
            screen.show(self.snapshot())
            await asyncio.sleep(_TICK)

    async def measure(self, lag: Lag) -> None:
        """Ask for the lag again and again, until cancelled.

        Raises:
            WorkersFailed: the supervisor gave all of them up.
        """
        while True:
            # What the reader has not seen yet is no lag here, but then the reader is not quiet.
            self._lag = await lag.measure({**self._player.heads, **self._reader.heads}) or {}
            if all(worker.state in ("given up", "finished") for worker in self._workers.status):
                raise WorkersFailed("the workers failed again and again; their logs say why")
            await asyncio.sleep(_LAG_SECONDS)

    async def settled(self, patience: float) -> bool:
        """Wait until nothing is left to do; False when nothing is done for ``patience`` seconds."""
        done, since = self.done(), time.monotonic()
        while not self._is_settled():
            if self.done() > done:
                done, since = self.done(), time.monotonic()
            if time.monotonic() > since + patience:
                return False
            await asyncio.sleep(_TICK)
        return True

    def _is_settled(self) -> bool:
        quiet = self._reader.quiet_seconds >= _QUIET_SECONDS
        return quiet and bool(self._lag) and not any(self._lag.values())

    def _counts(self) -> dict[str, int]:
        read = {name: self._reader.records[topic] for name, topic in _COUNTED.items()}
        return {"published": self._player.published, **read}

    def _rates(self, counts: dict[str, int]) -> dict[str, float]:
        now = time.monotonic()
        self._past.append((now, counts))
        while now - self._past[0][0] > _RATE_SECONDS:
            self._past.popleft()
        then, before = self._past[0]
        span = now - then
        return {name: (n - before[name]) / span if span else 0.0 for name, n in counts.items()}
