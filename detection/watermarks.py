"""How far event time has come, when it arrives along several paths of different speed."""

from datetime import datetime
from math import inf
from typing import Final

UNSEEN: Final = -inf
ALL_IDLE: Final = inf


class Watermarks:
    """The latest event time of each lineage, and the time that all of them have passed.

    A lineage is one path through the upstream partitions; within it signals are in event-time
    order, give or take ``lateness`` (seconds of event time). There are ``expected`` of them; which
    ones is learnt. One that was not heard of for ``idle_timeout`` seconds of processing time is
    idle and holds nobody up. One that was never heard of counts as heard at ``started``, the first
    signal of all. The idea is Flink's per-split watermark alignment with idleness.
    """

    def __init__(self, expected: int, lateness: float, idle_timeout: float) -> None:
        self._expected = expected
        self._lateness = lateness
        self._idle_timeout = idle_timeout
        self._latest: dict[str, datetime] = {}
        self._unix: dict[str, float] = {}
        self._seen: dict[str, float] = {}
        self._started: float | None = None

    def see(self, lineage: str, published: datetime, now: float) -> bool:
        """Note a signal; ``now`` is processing time in seconds. True if the watermark moved."""
        if self._started is None:
            self._started = now
        self._seen[lineage] = now
        latest = self._latest.get(lineage)
        if latest is not None and published <= latest:
            return False
        self._latest[lineage] = published
        self._unix[lineage] = published.timestamp()
        return True

    def frontier(self, now: float) -> float:
        """Event time (Unix seconds) before which no more is to be expected. O(lineages).

        `UNSEEN` (-inf) while a lineage that was never heard of may still begin, `ALL_IDLE` (inf)
        when no lineage holds anything up.
        """
        if self._started is None:
            return UNSEEN
        alive_since = now - self._idle_timeout
        if len(self._latest) < self._expected and self._started > alive_since:
            return UNSEEN
        seen = self._seen
        alive = [unix for lineage, unix in self._unix.items() if seen[lineage] > alive_since]
        return min(alive) - self._lateness if alive else ALL_IDLE

    def of(self, lineage: str) -> datetime:
        """The latest event time of a lineage that was seen.

        Raises:
            KeyError: it was not.
        """
        return self._latest[lineage]
