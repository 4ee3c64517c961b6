"""Back-pressure: a bound on what is handled and not yet committed; and pauses.

In a pause a stage reads nothing while its handler can't decide, and stays in its group.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from streams.core.errors import OnFailure, report_failure
from streams.core.record import Message, Record

_RECORD_OVERHEAD_BYTES = 256
"""A record occupies about this much memory besides its value and its headers."""
_HEADER_BYTES = 192
"""A header with a short value occupies about this much."""


def occupied_bytes(records: Sequence[Record] | Sequence[Message]) -> int:
    """Return about how much memory ``records`` occupy, all of which have as many headers."""
    if not records:
        return 0
    overhead = _RECORD_OVERHEAD_BYTES + _HEADER_BYTES * len(records[0].headers)
    return overhead * len(records) + sum([len(each.value) for each in records if each.value])


@dataclass(slots=True)
class InFlightBudget:
    """Bytes that may be in flight. One taker may exceed the limit, so a huge record gets through.

    Attributes:
        limit: The bytes in flight at which takers begin to wait.
        taken: The bytes in flight now.
    """

    limit: int
    taken: int = field(default=0, init=False)
    _given: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def take(self, amount: int) -> None:
        """Wait until less than the limit is in flight, then take ``amount`` bytes."""
        while self.taken >= self.limit:
            self._given.clear()
            await self._given.wait()
        self.taken += amount

    def add(self, amount: int) -> int:
        """Take ``amount`` bytes without waiting, and return them: they are there already."""
        self.taken += amount
        return amount

    def give(self, amount: int) -> None:
        """Give back ``amount`` bytes that were taken."""
        self.taken -= amount
        self._given.set()


@dataclass(slots=True)
class Pause:
    """The state that the pump sets, and that the consumer which feeds it looks at.

    Attributes:
        is_on: Whether nothing shall be fetched.
        rewinds: The number of times that positions of leases went back. What was fetched before
            the last time is stale: the consumer goes to the positions of the leases once more.
    """

    is_on: bool = False
    rewinds: int = 0
    _ending: "asyncio.Task[None] | None" = field(default=None, init=False)

    def rewind(self) -> None:
        """Give back what was fetched and is not handled yet; whoever is next reads it again."""
        self.rewinds += 1

    def begin(self, ends: Callable[[], Awaitable[None]], on_failure: OnFailure) -> None:
        """Begin a pause, after positions of leases went back; it lasts until ``ends`` returns."""
        self.is_on = True
        self.rewind()
        self._ending = asyncio.create_task(self._end_after(ends, on_failure))

    def stop_waiting(self) -> None:
        """Leave the pause on for good: the process ends."""
        if self._ending:
            self._ending.cancel()

    async def _end_after(self, ends: Callable[[], Awaitable[None]], on_failure: OnFailure) -> None:
        with report_failure(on_failure):
            await ends()
            self.is_on = False
