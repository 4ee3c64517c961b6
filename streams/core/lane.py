"""Group commit: the decisions about one source partition, in as few transactions as time allows."""

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from schemas.metrics.processing import COMMIT_PAUSE, COMMIT_SECONDS, TRANSACTIONS, Sample
from streams.core.log import Session
from streams.core.record import Message, Record

Observe = Callable[[Iterable[Sample]], None]
NotePosition = Callable[[int, Sequence[Record]], Sequence[Message]]
"""Returns the messages that remember a position, given some of the records handled before it."""

_SLOW = 8.0
"""A transaction is slow that takes so many times the fastest; some three times is usual."""
_LARGE = 1_000
"""A transaction of so many messages may take its time."""
_LONGER, _SHORTER = 1.1, 0.8
_LONGEST_SECONDS = 0.2
"""A restart makes transactions slow for a moment, and news would wait for longer pauses then."""
_FORGETTING = 1.0005
"""The fastest transaction is forgotten in some thousand others: brokers move and grow."""


@dataclass(frozen=True, slots=True)
class Work:
    """The results of consecutive records of one source partition.

    Attributes:
        messages: Records to write.
        changes: Messages to the changelog, by key; of several changes of a key in one transaction
            only the last is written.
        position: The offset after the last record.
        finish: Is called once, when the work is committed or dropped.
        samples: Metrics to count once the work is committed.
        handled: Some of the records, the last among them, by which the log is recognised.
        after_commit: Is called once the work is committed.
    """

    messages: list[Message]
    changes: dict[bytes, Message]
    position: int
    finish: Callable[[], None]
    samples: Sequence[Sample] = ()
    handled: Sequence[Record] = ()
    after_commit: Callable[[], None] | None = None


class Pace:
    """The pause between two transactions of a lane, longer while small transactions take long.

    A transaction costs the broker about the same whatever its size. Lanes that commit as often as
    they can keep a small machine busy with transactions of a few records, and each record waits
    for those of all other lanes. So the pause grows while small transactions take longer than eight
    of the fastest, and shrinks again to ``shortest``. (TCP Vegas finds its rate by the same
    comparison of a duration with the shortest one.)

    Attributes:
        pause: The pause in seconds.
    """

    def __init__(self, shortest: float = 0.0) -> None:
        self.pause = shortest
        self._shortest = shortest
        self._fastest = math.inf

    def note(self, seconds: float, messages: int) -> None:
        """Learn from a transaction of so many messages that took so many seconds."""
        self._fastest = min(seconds, self._fastest * _FORGETTING)
        if messages < _LARGE and seconds > _SLOW * self._fastest:
            longest = max(_LONGEST_SECONDS, self._shortest)
            self.pause = min(self.pause * _LONGER, longest)
        else:
            self.pause = max(self.pause * _SHORTER, self._shortest)


class Lane:
    """Commits the work of one source partition, one transaction at a time.

    Each transaction takes all work that gathered while the one before it was committing, and in
    the pause after it: a quiet stream gets small fast transactions, a loaded one large cheap ones.

    Attributes:
        last_commit: The time of the last commit, by the monotonic clock; at first the time at
            which the session was opened.
        committed: The committed offset of the source.
    """

    def __init__(
        self,
        session: Session,
        pace: Pace | None = None,
        observe: Observe = lambda _: None,
        note_position: NotePosition = lambda _position, _handled: (),
        committed: int = 0,
    ) -> None:
        self.last_commit = time.monotonic()
        self._session = session
        self._pace = pace or Pace()
        self._observe = observe
        self._note_position = note_position
        self._gathered: list[Work] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False
        self.committed = committed

    def put(self, work: Work) -> None:
        """Queue ``work`` to be committed after all earlier work; drop it if the lane is closed."""
        if self._closed:
            work.finish()
            return
        self._gathered.append(work)
        self._idle.clear()
        self._wake.set()

    async def run(self) -> None:
        """Commit until cancelled.

        Raises:
            Exception: A commit failed. The lane is closed; the process must end.
        """
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._commit(self._take())
                if not self._gathered:
                    self._idle.set()
                await asyncio.sleep(self._pace.pause)
        finally:
            self.close()

    @property
    def is_idle(self) -> bool:
        """Return whether nothing is left to commit."""
        return self._idle.is_set()

    async def flush(self) -> None:
        """Wait until nothing is left to commit."""
        await self._idle.wait()

    def close(self) -> None:
        """Drop the work that is not committed: another worker holds the partition now."""
        self._closed = True
        for work in self._take():
            work.finish()
        self._idle.set()

    def _take(self) -> list[Work]:
        works, self._gathered = self._gathered, []
        return works

    async def _commit(self, works: list[Work]) -> None:
        if not works:
            return
        messages = [message for work in works for message in work.messages]

        # Only the last change of a key is written, in the order in which these were made.
        changes: dict[bytes, Message] = {}
        for work in works:
            for key, change in work.changes.items():
                changes.pop(key, None)
                changes[key] = change
        messages.extend(changes.values())
        position, handled = works[-1].position, [mark for work in works for mark in work.handled]
        messages.extend(self._note_position(position, handled))

        begin = time.monotonic()
        try:
            await self._session.commit(messages, position)
            self.committed = position
        except Exception:
            self._observe([Sample(TRANSACTIONS, 1.0, ("failed",))])
            raise
        else:
            samples = [sample for work in works for sample in work.samples]
            samples.append(Sample(TRANSACTIONS, 1.0, ("committed",)))
            self.last_commit = time.monotonic()
            self._pace.note(self.last_commit - begin, len(messages))
            samples.append(Sample(COMMIT_SECONDS, self.last_commit - begin))
            samples.append(Sample(COMMIT_PAUSE, self._pace.pause))
            self._observe(samples)
            for work in works:
                if work.after_commit:
                    work.after_commit()
        finally:
            for work in works:
                work.finish()
