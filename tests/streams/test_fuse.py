"""The fuse blows when most of what comes in is dead, and not before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.errors import FuseBlown
from streams.core.fuse import MEMORY_MS, Fuse, Tally, blown_note, tells_of_blow


def test_a_few_bad_records_at_the_start_are_no_verdict() -> None:
    """A worker would refuse to start because the first article it meets is garbled."""
    fuse = Fuse(share=0.5, window=10)
    fuse.count({"wire": Tally(9, rejected=9)})
    with pytest.raises(FuseBlown, match="10 of the last 10"):
        fuse.count({"wire": Tally(1, rejected=1)})


def test_just_the_share_is_allowed() -> None:
    """A worker set to allow half would stop at half."""
    fuse = Fuse(share=0.5, window=10)
    fuse.count({"wire": Tally(10, rejected=5)})
    with pytest.raises(FuseBlown):
        fuse.count({"wire": Tally(10, rejected=6)})


def test_what_left_the_window_is_forgotten() -> None:
    """Days of good articles would hide that a deploy rejects all of today's."""
    fuse = Fuse(share=0.5, window=10)
    for _ in range(1_000):
        fuse.count({"wire": Tally(10, rejected=0)})
    with pytest.raises(FuseBlown):
        fuse.count({"wire": Tally(10, rejected=10)})


@pytest.mark.property
@given(st.lists(st.integers(0, 50)), st.integers(1, 60))
def test_a_share_of_one_never_blows(batches: list[int], window: int) -> None:
    """Nobody could turn the fuse off to drain a topic of garbage on purpose."""
    fuse = Fuse(share=1.0, window=window)
    for records in batches:
        fuse.count({"wire": Tally(records, records)})
    assert len(fuse._batches) <= max(1, len(batches))


def test_one_bad_source_does_not_stop_the_others() -> None:
    """One feed that changed its format would stop all news; its name is reported once."""
    fuse = Fuse(share=0.5, window=10)
    batch = {"bad": Tally(8, rejected=8), "good": Tally(2, rejected=0)}
    assert [fuse.count(batch) for _ in range(3)] == [["bad"], [], []]


def test_a_deploy_that_rejects_every_source_blows_it() -> None:
    """A bad deploy would drain the topic, since each source has something that is accepted."""
    fuse = Fuse(share=0.5, window=10)
    with pytest.raises(FuseBlown, match=r"one: 8 of 10, two: 6 of 10.*FUSE_SHARE"):
        fuse.count({"one": Tally(10, rejected=8), "two": Tally(10, rejected=6)})


def test_hardly_anything_but_one_bad_source_blows_it() -> None:
    """A few articles of others would hide that nearly all that comes in is set aside."""
    fuse = Fuse(share=0.5, window=10)
    with pytest.raises(FuseBlown):
        fuse.count({"bad": Tally(95, rejected=95), "good": Tally(5, rejected=0)})


def test_a_warm_fuse_judges_from_the_first_record() -> None:
    """Each restart of a supervisor would set another window of records aside."""
    fuse = Fuse(share=0.5, window=10, is_warm=True)
    with pytest.raises(FuseBlown, match="2 of the last 2"):
        fuse.count({"wire": Tally(2, rejected=2)})


def test_a_warm_fuse_cools_down_once_records_are_accepted() -> None:
    """One bad record, weeks after a producer was mended, would stop the worker."""
    fuse = Fuse(share=0.5, window=10, is_warm=True)
    for accepted in (6, 6):
        fuse.count({"wire": Tally(accepted, rejected=0)})
    assert not fuse.is_warm


def test_a_blow_is_remembered_for_a_day() -> None:
    """A note beside an offset that nothing has moved since would matter for ever."""
    note = blown_note(now_ms=5)
    assert tells_of_blow(note, 4 + MEMORY_MS)
    assert not any(tells_of_blow(other, 5 + MEMORY_MS) for other in (note, "", "fuse blown x"))


@pytest.mark.property
@given(
    st.lists(
        st.dictionaries(st.sampled_from("abc"), st.tuples(st.integers(0, 9), st.integers(0, 9)))
    )
)
def test_sources_leave_the_window_with_their_records(
    batches: list[dict[str, tuple[int, int]]],
) -> None:
    """Memory would grow with every source that was ever seen, and shares go wrong."""
    fuse = Fuse(share=1.0, window=20)
    for batch in batches:
        fuse.count({name: Tally(good + bad, bad) for name, (good, bad) in batch.items()})
    assert fuse._records.total() == sum(t.records for b in fuse._batches for t in b.values())
    assert all(0 < fuse._rejected[name] + 1 <= count + 1 for name, count in fuse._records.items())
