"""Totals since an onset."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.bins import Bin, Total, ratio

NUMBERS = st.floats(0.0, 1e6)
BINS = st.lists(
    st.builds(Bin, st.integers(0, 10**6), NUMBERS, NUMBERS, NUMBERS, st.floats(0, 1)), max_size=20
)


@pytest.mark.property
@given(bins=BINS)
def test_a_total_counts_every_bin_from_its_first_on(bins: list[Bin]) -> None:
    """An alert would report too little news, or another onset."""
    total = Total()
    for each in bins:
        total.add(each)
    assert total.bins == len(bins)
    assert total.onset == (bins[0].number if bins else 0)
    assert total.volume == pytest.approx(sum(each.volume for each in bins))
    assert total.expected_negative == pytest.approx(
        sum(each.expected * each.share for each in bins)
    )


def test_a_share_of_nothing_is_0() -> None:
    """An alert without volume would divide by zero."""
    assert (ratio(3.0, 0.0), ratio(0.0, 0.0), ratio(1.0, 2.0)) == (0.0, 0.0, 0.5)
