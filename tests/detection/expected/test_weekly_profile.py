"""The pattern of the week."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.expected.bin_clock import WEEK
from detection.expected.weekly_profile import WeeklyProfile


def learnt(weeks: float, busyness: dict[int, float]) -> WeeklyProfile:
    """Return the profile after so many weeks with a busyness for each hour of the day."""
    profile = WeeklyProfile()
    for hour in range(int(weeks * WEEK)):
        profile.learn(hour % WEEK, busyness.get(hour % 24, 1.0), 1.0)
    return profile


def test_without_data_every_hour_is_average() -> None:
    """A new feed would begin with a pattern that nobody has seen."""
    assert {WeeklyProfile().factor(hour) for hour in range(WEEK)} == {1.0}


def test_the_night_is_known_after_a_few_days() -> None:
    """Each morning of the first week would be a surge."""
    profile = learnt(4 / 7, dict.fromkeys(range(6), 0.1))
    friday = 4 * 24
    assert profile.factor(friday + 3) < 0.5
    assert profile.factor(friday + 12) == pytest.approx(1.0)


def test_working_days_say_nothing_about_the_weekend() -> None:
    """The first Saturday would be expected to be as busy as a Friday."""
    profile = learnt(5 / 7, {9: 10.0})
    assert profile.factor(4 * 24 + 9) > 4.0
    assert profile.factor(5 * 24 + 9) == 1.0


def test_an_hour_of_the_week_gets_a_factor_of_its_own() -> None:
    """A weekly release on Thursday would be a surge every week."""
    profile, thursday = WeeklyProfile(), 3 * 24 + 14
    for hour in range(10 * WEEK):
        profile.learn(hour % WEEK, 8.0 if hour % WEEK == thursday else 1.0, 1.0)
    assert profile.factor(thursday) > 5.0
    assert profile.factor(thursday - 24) < 3.0


@pytest.mark.property
@given(rows=st.lists(st.tuples(st.integers(0, WEEK - 1), st.floats(0, 50), st.floats(0, 1))))
def test_a_profile_survives_its_bytes(rows: list[tuple[int, float, float]]) -> None:
    """After a restart the week's pattern would be another one."""
    profile = WeeklyProfile()
    for row in rows:
        profile.learn(*row)
    restored = WeeklyProfile.from_bytes(profile.to_bytes())
    assert restored == profile
    assert all(profile.factor(hour) >= 0.0 for hour in range(WEEK))
