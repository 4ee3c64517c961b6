"""A selection of `tests.chaos.feed_kills`, which takes 100 000 items."""

from pathlib import Path

import pytest

from tests.chaos.feed_kills import run

pytestmark = [pytest.mark.kafka, pytest.mark.chaos]
ITEMS = 2_000


async def test_each_item_of_a_feed_is_sent_and_scored_once(
    kafka: str, prefix: str, tmp_path: Path
) -> None:
    """A restart of either process would repeat items, or lose them."""
    account = await run(kafka, prefix, ITEMS, 3, tmp_path)
    assert (account.sent, account.scored) == (ITEMS, ITEMS), account
    assert (account.lost, account.doubled, account.dead) == (0, 0, 0)
