"""The pause between transactions: longer on a busy machine, and as set on any other."""

import pytest

from streams.core.lane import Pace

SET = 0.05
FAST, SLOW = 0.01, 0.3
FEW, MANY = 20, 5_000


def after(pace: Pace, seconds: float, messages: int, times: int) -> float:
    """Return the pause after so many transactions of so many messages."""
    for _ in range(times):
        pace.note(seconds, messages)
    return pace.pause


def test_small_transactions_that_take_long_come_less_often() -> None:
    """A machine with two cores would spend itself on transactions, and news wait for each."""
    pace = Pace(SET)
    assert after(pace, FAST, FEW, 10) == SET
    assert after(pace, SLOW, FEW, 10) > 2 * SET
    assert after(pace, SLOW, FEW, 200) == pytest.approx(0.2)


def test_a_machine_that_is_free_again_commits_as_before() -> None:
    """After one busy minute news would come late for good."""
    pace = Pace(SET)
    after(pace, FAST, FEW, 10)
    assert after(pace, SLOW, FEW, 100) > SET
    assert after(pace, 2 * FAST, FEW, 100) == SET


def test_large_transactions_may_take_their_time() -> None:
    """A backlog would be read with pauses in between."""
    pace = Pace(SET)
    after(pace, FAST, FEW, 10)
    assert after(pace, SLOW, MANY, 100) == SET


def test_a_cluster_that_is_slower_from_now_on_is_no_busy_one() -> None:
    """After a move to brokers further away, news would come later than it could for good."""
    pace = Pace(SET)
    after(pace, FAST, FEW, 10)
    assert after(pace, 12 * FAST, FEW, 100) > SET
    assert after(pace, 12 * FAST, FEW, 5_000) == SET


def test_a_longer_pause_that_was_set_stays() -> None:
    """Who sets a pause of a second for cheap transactions would get shorter ones."""
    pace = Pace(1.0)
    after(pace, FAST, FEW, 10)
    assert after(pace, SLOW, FEW, 10) == 1.0
