"""Back-pressure: a bound on what is handled and not yet committed."""

import asyncio
from dataclasses import dataclass, field


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

    def give(self, amount: int) -> None:
        """Give back ``amount`` bytes that were taken."""
        self.taken -= amount
        self._given.set()
