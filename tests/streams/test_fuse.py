"""The fuse blows when most of what comes in is dead, and not before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.errors import FuseBlown
from streams.core.fuse import Fuse


def test_a_few_bad_records_at_the_start_are_no_verdict() -> None:
    """A worker would refuse to start because the first article it meets is garbled."""
    fuse = Fuse(share=0.5, window=10)
    fuse.count(records=9, rejected=9)
    with pytest.raises(FuseBlown, match="10 of the last 10"):
        fuse.count(records=1, rejected=1)


def test_just_the_share_is_allowed() -> None:
    """A worker set to allow half would stop at half."""
    fuse = Fuse(share=0.5, window=10)
    fuse.count(records=10, rejected=5)
    with pytest.raises(FuseBlown):
        fuse.count(records=10, rejected=6)


def test_what_left_the_window_is_forgotten() -> None:
    """Days of good articles would hide that a deploy rejects all of today's."""
    fuse = Fuse(share=0.5, window=10)
    for _ in range(1_000):
        fuse.count(records=10, rejected=0)
    with pytest.raises(FuseBlown):
        fuse.count(records=10, rejected=10)


@pytest.mark.property
@given(st.lists(st.integers(0, 50)), st.integers(1, 60))
def test_a_share_of_one_never_blows(batches: list[int], window: int) -> None:
    """Nobody could turn the fuse off to drain a topic of garbage on purpose."""
    fuse = Fuse(share=1.0, window=window)
    for records in batches:
        fuse.count(records, records)
    assert len(fuse._counts) <= max(1, len(batches))
