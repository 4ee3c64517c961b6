"""The watermark: as far as all lineages have come that somebody waits for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.ordering.watermarks import NEVER, Watermarks

TIMEOUT = 30.0
PAUSES = st.sampled_from([0.0, 1.0, 10.0, 29.0, 31.0, 4000.0])
Said = list[tuple[str, float, float]]
said = st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 9), PAUSES), max_size=40)


@pytest.mark.property
@given(said=said, lateness=st.sampled_from([0.0, 5.0]))
def test_the_slowest_counts_that_is_not_idle(said: Said, lateness: float) -> None:
    """A lineage would be forgotten in the heap, or hold everybody up for ever."""
    marks, latest, heard = Watermarks(0, lateness, TIMEOUT), dict[str, float](), dict[str, float]()
    now = elapsed = fresh = 0.0
    for lineage, published, pause in said:
        if heard and pause >= TIMEOUT:
            fresh = elapsed
        elif heard:
            elapsed += min(pause, TIMEOUT / 2)
        now += pause
        marks.see(lineage, published, now)
        heard[lineage], latest[lineage] = elapsed, max(published, latest.get(lineage, 0.0))
        alive = [latest[it] for it in latest if max(heard[it], fresh) > elapsed - TIMEOUT]
        assert marks.frontier() == min(alive) - lateness
    assert marks.newest == max(latest.values(), default=NEVER)


@pytest.mark.property
@given(said=said, cut=st.integers(0, 40))
def test_restored_they_go_on_as_before(said: Said, cut: int) -> None:
    """A restart would take the living for idle, or wait for the dead."""
    whole, now = Watermarks(3, 0.0, TIMEOUT), 0.0
    restored = Watermarks(3, 0.0, TIMEOUT)
    for number, (lineage, published, pause) in enumerate(said):
        if number == cut:
            known = {name for name, *_ in said[:cut]}
            heard = [whole.heard(name) for name in sorted(known)]
            restored = Watermarks(3, 0.0, TIMEOUT).restore(whole.time, heard)
        now += pause
        for marks in (whole, restored):
            marks.see(lineage, published, now)
        if number >= cut:
            assert restored.frontier() == whole.frontier()


def test_in_silence_time_goes_on_from_the_newest() -> None:
    """A quiet subject's alert would never end, or news that is on its way come too late."""
    marks = Watermarks(2, 5.0, TIMEOUT)
    assert marks.frontier(1e6) == NEVER
    marks.see("a", 1_000.0, 0.0)
    assert marks.frontier(29.0) == NEVER
    assert marks.frontier(30.0) == 1_025.0
    assert marks.frontier(30.0, patience=3_600.0) == 995.0
    assert marks.frontier(3_700.0, patience=3_600.0) == 1_095.0
