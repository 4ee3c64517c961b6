"""Input of the reference detectors: values in bins."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.reference_detectors.binned_series import BinnedSeries

MONDAY = datetime(2008, 9, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


def binned(*hours: float, series: str = "company:LEH") -> BinnedSeries:
    """Return bins of six hours with a value of 1 at these hours."""
    bins = BinnedSeries(6 * HOUR)
    for hour in hours:
        bins.add(series, MONDAY + hour * HOUR, 1.0)
    return bins


def test_empty_bins_have_a_value() -> None:
    """The detectors would not see that a subject was silent."""
    assert list(binned(0, 25).values("company:LEH")) == [1.0, 0.0, 0.0, 0.0, 1.0]


def test_a_series_lasts_until_the_end_of_all_series() -> None:
    """A subject that fell silent would be watched for less time than the others."""
    bins = binned(0)
    bins.add("company:AIG", MONDAY + 13 * HOUR, 1.0)
    assert list(bins.values("company:LEH")) == [1.0, 0.0, 0.0]
    assert list(bins.values("company:AIG")) == [1.0]
    assert bins.names == ("company:AIG", "company:LEH")
    assert bins.span() == (3 + 1) * 6 * HOUR
    bins.add("company:AIG", MONDAY + 20 * HOUR, 1.0)
    assert bins.span() == (4 + 2) * 6 * HOUR


def test_a_time_on_the_edge_belongs_to_the_later_bin() -> None:
    """A value would be counted before its time."""
    assert list(binned(5.999, 6.0).values("company:LEH")) == [1.0, 1.0]


def test_bins_end_where_the_next_ones_begin() -> None:
    """Delays of the reference detectors would be off by a bin."""
    bins = binned(7, 20)
    assert bins.end("company:LEH", 0) == MONDAY + 12 * HOUR
    assert bins.end("company:LEH", 2) == MONDAY + 24 * HOUR


@pytest.mark.property
@given(hours=st.lists(st.integers(0, 100), min_size=1, max_size=30), data=st.data())
def test_the_order_of_values_does_not_matter(hours: list[int], data: st.DataObject) -> None:
    """An archive that is not sorted would be compared on other values than ours sees."""
    shuffled = data.draw(st.permutations(hours))
    values = list(binned(*hours).values("company:LEH"))
    assert list(binned(*shuffled).values("company:LEH")) == values
    assert sum(values) == len(hours)
