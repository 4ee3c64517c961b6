"""Watermarks: the event time that all awaited lineages have passed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.ordering.watermarks import NEVER, IdleClock, LineageState, Watermarks

TIMEOUT = 30.0
PAUSES = st.sampled_from([0.0, 1.0, 10.0, 29.0, 31.0, 4000.0])
Event = tuple[str, float, float]
EVENTS = st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 9), PAUSES), max_size=40)
"""Lineage, event time, and seconds since the event before."""


@pytest.mark.property
@given(events=EVENTS, lateness=st.sampled_from([0.0, 5.0]))
def test_the_frontier_is_the_lowest_watermark_that_is_not_idle(
    events: list[Event], lateness: float
) -> None:
    """A lineage would be forgotten in the heap, or hold all others up for ever."""
    watermarks = Watermarks(0, lateness, TIMEOUT)
    latest, heard = dict[str, float](), dict[str, float]()
    now = elapsed = resumed = 0.0
    for lineage, published, pause in events:
        if heard and pause >= TIMEOUT:
            resumed = elapsed
        elif heard:
            elapsed += min(pause, TIMEOUT / 2)
        now += pause
        watermarks.see(lineage, published, now)
        heard[lineage], latest[lineage] = elapsed, max(published, latest.get(lineage, 0.0))
        awaited = [latest[name] for name in latest if max(heard[name], resumed) > elapsed - TIMEOUT]
        assert watermarks.frontier() == min(awaited) - lateness
    assert watermarks.newest == max(latest.values(), default=NEVER)


@pytest.mark.property
@given(events=EVENTS, cut=st.integers(0, 40))
def test_restored_watermarks_continue_as_before(events: list[Event], cut: int) -> None:
    """After a restart, active lineages would count as idle, or idle ones be awaited."""
    untouched, now = Watermarks(3, 0.0, TIMEOUT), 0.0
    restored = Watermarks(3, 0.0, TIMEOUT)
    for number, (lineage, published, pause) in enumerate(events):
        if number == cut:
            states = [untouched.state(name) for name in sorted({name for name, *_ in events[:cut]})]
            restored = Watermarks(3, 0.0, TIMEOUT).restore(untouched.clock, states)
        now += pause
        for watermarks in (untouched, restored):
            watermarks.see(lineage, published, now)
        if number >= cut:
            assert restored.frontier() == untouched.frontier()


def test_in_silence_event_time_continues_from_the_newest_signal() -> None:
    """A quiet subject's alert would never end, or news that is on its way would be late."""
    watermarks = Watermarks(2, 5.0, TIMEOUT)
    assert watermarks.frontier(1e6) == NEVER
    watermarks.see("a", 1_000.0, 0.0)
    assert watermarks.frontier(29.0) == NEVER
    assert watermarks.frontier(30.0) == 1_025.0
    assert watermarks.frontier(30.0, patience=3_600.0) == 995.0
    assert watermarks.frontier(3_700.0, patience=3_600.0) == 1_095.0


def test_one_long_pause_alone_makes_no_lineage_idle() -> None:
    """A pause of the whole feed just below the limit would drop all lineages but one."""
    watermarks = Watermarks(2, 0.0, TIMEOUT)
    watermarks.see("b", 1.0, 0.0)
    watermarks.see("a", 5.0, 0.0)
    watermarks.see("a", 6.0, 29.0)
    assert watermarks.frontier() == 1.0
    watermarks.see("a", 7.0, 58.0)
    assert watermarks.frontier() == 7.0


def test_a_record_that_was_sent_earlier_does_not_turn_the_clock_back() -> None:
    """A worker whose clock is behind would keep idle lineages awaited for ever."""
    watermarks = Watermarks(2, 0.0, TIMEOUT)
    watermarks.see("a", 1.0, 100.0)
    watermarks.see("b", 2.0, 40.0)
    assert watermarks.clock == IdleClock(0.0, 100.0, 0.0)
    watermarks.see("a", 3.0, 110.0)
    assert watermarks.clock == IdleClock(10.0, 110.0, 0.0)


def test_the_state_of_an_unknown_lineage_is_an_error() -> None:
    """A wrong name would be stored as a lineage that is far behind."""
    watermarks = Watermarks(1, 0.0, TIMEOUT)
    watermarks.see("a", 7.0, 0.0)
    assert watermarks.state("a") == LineageState("a", 7.0, 0.0)
    with pytest.raises(KeyError):
        watermarks.state("b")
