"""Group commit: what one source partition has decided, in as few transactions as time allows."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from schemas.metrics import COMMIT_SECONDS, TRANSACTIONS, Sample
from streams.core.log import Session
from streams.core.record import Message

Tell = Callable[[Iterable[Sample]], None]


@dataclass(frozen=True, slots=True)
class Work:
    """What was decided about consecutive records of one source partition.

    ``changes`` are messages to the stage's changelog, by key: only the last change of a key
    within a transaction is written. ``position`` is the offset after the last record; ``facts``
    are told once it is committed.
    """

    messages: list[Message]
    changes: dict[bytes, Message]
    position: int
    done: Callable[[], None]
    facts: Sequence[Sample] = ()


class Lane:
    """Commits the work of one source partition, one transaction at a time.

    Each transaction takes whatever gathered while the one before it was committing, and for
    ``linger`` seconds after it: a quiet stream gets small fast transactions, a loaded one large
    cheap ones. Without the pause, a busy machine spends itself on transactions of a few records,
    and each of them takes longer than the pause would have.
    """

    def __init__(self, session: Session, linger: float = 0.0, tell: Tell = lambda _: None) -> None:
        self._session = session
        self._linger = linger
        self._tell = tell
        self._gathered: list[Work] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    def put(self, work: Work) -> None:
        """Queue ``work``; it is committed after all that was put before, or dropped if closed."""
        if self._closed:
            return work.done()
        self._gathered.append(work)
        self._idle.clear()
        self._wake.set()
        return None

    async def run(self) -> None:
        """Commit until cancelled; any failure ends the lane and is the caller's to act upon."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._commit(self._take())
                if not self._gathered:
                    self._idle.set()
                await asyncio.sleep(self._linger)
        finally:
            self.close()

    async def drained(self) -> None:
        """Wait until nothing is left to commit."""
        await self._idle.wait()

    def close(self) -> None:
        """Drop what is not committed: the partition is someone else's now."""
        self._closed = True
        for work in self._take():
            work.done()
        self._idle.set()

    def _take(self) -> list[Work]:
        taken, self._gathered = self._gathered, []
        return taken

    async def _commit(self, works: list[Work]) -> None:
        if not works:
            return
        messages = [message for work in works for message in work.messages]
        messages.extend(_latest(works))
        began = time.monotonic()
        try:
            await self._session.commit(messages, works[-1].position)
        except Exception:
            self._tell([Sample(TRANSACTIONS, 1.0, ("failed",))])
            raise
        else:
            self._tell(_facts(works, time.monotonic() - began))
        finally:
            for work in works:
                work.done()


def _facts(works: list[Work], seconds: float) -> list[Sample]:
    facts = [fact for work in works for fact in work.facts]
    return [*facts, Sample(TRANSACTIONS, 1.0, ("committed",)), Sample(COMMIT_SECONDS, seconds)]


def _latest(works: list[Work]) -> list[Message]:
    """The last change of every key, in the order in which they were made."""
    changes: dict[bytes, Message] = {}
    for work in works:
        for key, change in work.changes.items():
            changes.pop(key, None)
            changes[key] = change
    return list(changes.values())
