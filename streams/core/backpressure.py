"""Back-pressure: how much may be in flight, handled but not committed."""

import asyncio


class InFlightBudget:
    """Bytes in flight. One taker may exceed the limit, so that a huge record gets through."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._freed = asyncio.Event()

    @property
    def taken(self) -> int:
        """Bytes in flight now."""
        return self._taken

    async def take(self, amount: int) -> None:
        """Wait until less than the limit is in flight, then take ``amount``."""
        while self._taken >= self._limit:
            self._freed.clear()
            await self._freed.wait()
        self._taken += amount

    def give(self, amount: int) -> None:
        """Return what was taken."""
        self._taken -= amount
        self._freed.set()
