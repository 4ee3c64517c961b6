"""The members of a move of the whole market."""

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.evidence.decayed_window import DecayedWindow
from detection.evidence.market_members import (
    MAX_CONTRIBUTORS,
    MAX_WRONG_MEMBERS,
    e_bh,
    e_value,
    top_contributors,
)

CALM = DecayedWindow(4.0, 1.3, 4.0, 1.2, 0.6)
BUSY = DecayedWindow(40.0, 30.0, 4.0, 1.2, 0.6)
VALUES = st.lists(st.floats(0.0, 1e6), max_size=30).map(
    lambda values: [(f"company:{index:02}", value) for index, value in enumerate(values)]
)


@pytest.mark.property
@given(values=VALUES)
def test_all_named_members_satisfy_the_condition_of_e_bh(values: list[tuple[str, float]]) -> None:
    """More than a tenth of the named companies would have nothing to do with the move."""
    names = e_bh(values, len(values))
    assert list(names) == sorted(names)
    for name, value in values:
        if name in names:
            assert value * len(names) * MAX_WRONG_MEMBERS >= len(values)
    weakest = min((value for name, value in values if name in names), default=float("inf"))
    assert all(value <= weakest for name, value in values if name not in names)


@pytest.mark.property
@given(values=VALUES, more=st.integers(0, 100))
def test_more_subjects_never_name_more_members(values: list[tuple[str, float]], more: int) -> None:
    """In a large feed more companies would be named by chance."""
    assert set(e_bh(values, len(values) + more)) <= set(e_bh(values, len(values)))


def test_several_members_support_each_other() -> None:
    """Of a move of twenty companies only the loudest would be named."""
    assert e_bh([("a", 15.0), ("b", 1.0), ("c", 1.0)], 3) == ()
    assert e_bh([("a", 15.0), ("b", 15.0), ("c", 1.0)], 3) == ("a", "b")


def test_the_e_value_of_a_subject_with_ordinary_news_is_about_one_or_less() -> None:
    """Companies without any surge would be named."""
    assert e_value(CALM, 0.5) < 1.0
    assert e_value(BUSY, 0.5) > 1_000.0
    assert e_value(DecayedWindow(), 0.5) == pytest.approx(1.0)


def test_the_e_value_of_a_flood_is_finite() -> None:
    """The largest surge would overflow, and end the worker."""
    flood = DecayedWindow(1e6, 1e6, 4.0, 1.2, 0.6)
    assert e_value(flood, 0.02) == pytest.approx(exp(300.0))


@pytest.mark.property
@given(values=VALUES)
def test_only_the_largest_positive_surpluses_are_named(values: list[tuple[str, float]]) -> None:
    """An alert would name companies that have less news than usual."""
    surpluses = [(name, value - 1000.0) for name, value in values]
    names = top_contributors(surpluses)
    positive = sorted((value for _, value in surpluses if value > 0.0), reverse=True)
    assert len(names) == min(len(positive), MAX_CONTRIBUTORS)
    lookup = dict(surpluses)
    assert sorted((lookup[name] for name in names), reverse=True) == positive[: len(names)]
