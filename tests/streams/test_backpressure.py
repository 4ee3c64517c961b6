"""Bytes in flight are bounded, and nothing waits for ever."""

import asyncio

from streams.core.backpressure import InFlightBudget


async def test_takers_wait_until_enough_is_given_back() -> None:
    """A slow broker would fill the worker's memory with uncommitted work."""
    budget = InFlightBudget(10)
    await budget.take(10)
    waiting = asyncio.create_task(budget.take(1))
    await asyncio.sleep(0)
    assert not waiting.done()
    budget.give(10)
    await asyncio.wait_for(waiting, 1)
    assert budget.taken == 1


async def test_one_huge_taker_passes() -> None:
    """A chunk larger than the whole budget would stop its stage for good."""
    budget = InFlightBudget(10)
    await budget.take(9)
    await asyncio.wait_for(budget.take(1_000), 1)
    assert budget.taken == 1_009


async def test_all_waiters_get_through_in_the_end() -> None:
    """A wake-up lost between two stages' takers would leave one of them asleep."""
    budget = InFlightBudget(1)

    async def taker() -> None:
        await budget.take(1)
        await asyncio.sleep(0)
        budget.give(1)

    await asyncio.wait_for(asyncio.gather(*(taker() for _ in range(20))), 1)
    assert budget.taken == 0
