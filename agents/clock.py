"""Processing time of one partition: told by its records, and by the wall clock in silence."""

from dataclasses import dataclass


@dataclass(slots=True)
class Clock:
    """Runs by the timestamps of records, and at the pace of the wall clock while none come.

    So a log gives the same results however late it is read, and time that a worker was away does
    not count as silence. ``now`` and ``silence`` (since the last record) are in seconds.
    """

    now: float = 0.0
    silence: float = 0.0
    _wall: int | None = None

    def hear(self, timestamp: int, wall: int) -> None:
        """A record of ``timestamp`` was read at ``wall``, both in milliseconds."""
        self.now = max(self.now, timestamp / 1000)
        self.silence = 0.0
        self._wall = wall

    def wait(self, wall: int) -> None:
        """No record came until ``wall`` (milliseconds); what went before this run is unknown."""
        passed = max(0, wall - self._wall) / 1000 if self._wall is not None else 0.0
        self.now += passed
        self.silence += passed
        self._wall = wall
