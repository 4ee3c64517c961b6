"""Event time cut into bins."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.expected.bin_clock import EPOCH, WEEK, BinClock

TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
LENGTHS = st.sampled_from([timedelta(seconds=1), timedelta(minutes=5), timedelta(hours=1)])


@pytest.mark.property
@given(time=TIMES, length=LENGTHS)
def test_a_bin_holds_its_begin_and_not_its_end(time: datetime, length: timedelta) -> None:
    """A signal on the hour would be counted twice, or in the hour before."""
    clock = BinClock(length)
    number = clock.bin(time)
    assert clock.start(number) <= time < clock.start(number + 1)


def test_weeks_begin_on_monday_at_midnight_utc() -> None:
    """The pattern of the weekend would be learnt in the middle of the week."""
    clock = BinClock(timedelta(hours=1))
    assert EPOCH.weekday() == 0
    assert clock.bin(datetime(2024, 1, 1, tzinfo=UTC)) % WEEK == 0
    assert clock.bin(datetime(2024, 1, 6, 5, 30, tzinfo=UTC)) % WEEK == 5 * 24 + 5


def test_the_zone_of_a_time_does_not_matter() -> None:
    """News from another time zone would be late, or ahead of its time."""
    clock, tokyo = BinClock(timedelta(hours=1)), timezone(timedelta(hours=9))
    local = datetime(2024, 1, 1, 9, 30, tzinfo=tokyo)
    assert clock.bin(local) == clock.bin(local.astimezone(UTC))
