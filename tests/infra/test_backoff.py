import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.backoff import Backoff, Failures, GiveUp, Restart, after_failure

RULE = Backoff(first_seconds=0.5, factor=2.0, max_seconds=4.0, max_failures=6, window_seconds=100.0)


def delays(rule: Backoff, times: list[float]) -> list[float | None]:
    """Return the delay after each failure, None for giving up."""
    failures: Failures = ()
    decided: list[float | None] = []
    for now in times:
        failures, verdict = after_failure(rule, failures, now)
        decided.append(verdict.delay if isinstance(verdict, Restart) else None)
    return decided


def test_each_failure_waits_longer_up_to_a_limit_and_then_it_is_given_up() -> None:
    """A worker that can't start must neither burn a core nor try for ever."""
    assert delays(RULE, [1, 2, 3, 4, 5, 6, 7]) == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0, None]


def test_old_failures_are_forgiven() -> None:
    """A worker killed once a day must come back at once, on any day."""
    assert delays(RULE, [1, 2, 3, 200]) == [0.5, 1.0, 2.0, 0.5]
    assert delays(RULE, [day * 100.0 for day in range(50)]) == [0.5] * 50


@pytest.mark.property
@given(st.lists(st.floats(0, 1e6), max_size=100), st.integers(0, 40))
def test_within_any_window_there_are_no_more_restarts_than_the_budget(
    times: list[float], budget: int
) -> None:
    """Whatever the rhythm of the failures, the budget bounds what they cost."""
    rule = Backoff(max_failures=budget, window_seconds=1000.0)
    failures: Failures = ()
    restarted: list[float] = []
    for now in sorted(times):
        failures, verdict = after_failure(rule, failures, now)
        if isinstance(verdict, GiveUp):
            break
        assert rule.first_seconds <= verdict.delay <= rule.max_seconds
        restarted.append(now)
        assert sum(now - time < rule.window_seconds for time in restarted) <= budget


def test_a_thousand_failures_do_not_overflow() -> None:
    """With a huge budget the delay's exponent grows beyond what a float holds."""
    rule = Backoff(max_failures=10_000)
    assert delays(rule, [0.0] * 2_000)[-1] == rule.max_seconds
