"""What a worker waits for, and since when: the state behind the watchdog and readiness.

Whoever waits for Kafka says so; nobody else has to know how each wait works.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import NamedTuple


class Wait(NamedTuple):
    """One wait.

    Attributes:
        what: The thing that is waited for, as a noun for operators.
        since: The time at which the wait began, by the monotonic clock.
        topics: The topics that have a part in it.
        problem: The cause and the remedy, if no fault of the cluster explains it.
        explain: Finds them when somebody asks; empty if it can't.
    """

    what: str
    since: float
    topics: frozenset[str]
    problem: str = ""
    explain: Callable[[], str] = str


class Progress:
    """The waits of one process that are under way.

    ``patience_seconds`` is the time after which a wait is no longer usual. Any thread may read.

    >>> now = [0.0]
    >>> progress = Progress(patience_seconds=5.0, clock=lambda: now[0])
    >>> with progress.waiting_for("the lease of news-0"):
    ...     now[0] = 7.0
    ...     progress.waiting()
    'the lease of news-0, for 7 s'
    >>> progress.waiting()
    """

    def __init__(
        self, patience_seconds: float = 5.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._waits: dict[object, Wait] = {}
        self._keys = count()

    @contextmanager
    def waiting_for(
        self, what: str, *topics: str, explain: Callable[[], str] = str
    ) -> Iterator[None]:
        """Count the block as one wait."""
        key = next(self._keys)
        self._waits[key] = Wait(what, self._clock(), frozenset(topics), explain=explain)
        try:
            yield
        finally:
            self.end(key)

    def begin(
        self, key: object, what: str, *topics: str, since: float | None = None, problem: str = ""
    ) -> None:
        """Begin the wait ``key``, or go on with it if it has begun for the same thing."""
        last = self._waits.get(key)
        if last is None or last.what != what:
            began = self._clock() if since is None else since
            self._waits[key] = Wait(what, began, frozenset(topics), problem)

    def end(self, key: object) -> None:
        """End the wait ``key``, if it has begun."""
        self._waits.pop(key, None)

    def overdue(self) -> list[Wait]:
        """Return the waits that last longer than is usual, the longest first."""
        before = self._clock() - self._patience_seconds
        waits = [wait for wait in self._waits.copy().values() if wait.since <= before]
        return sorted(waits, key=lambda wait: wait.since)

    def waiting(self) -> str | None:
        """Return what is waited for longest, and for how long; None if all goes as usual."""
        overdue = self.overdue()
        if not overdue:
            return None
        return f"{overdue[0].what}, for {self._clock() - overdue[0].since:.0f} s"
