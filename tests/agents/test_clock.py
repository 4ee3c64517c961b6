"""Processing time: by records while they come, by the wall clock while they do not."""

from agents.clock import Clock


def test_records_tell_the_time_however_late_they_are_read() -> None:
    """A replay would take every lineage for alive, or every one for idle."""
    clock = Clock()
    clock.hear(5_000, wall=900_000)
    clock.hear(4_000, wall=900_500)
    assert (clock.now, clock.silence) == (5.0, 0.0)


def test_silence_counts_from_the_last_record() -> None:
    """An alert would be resolved by pauses that were over long ago."""
    clock = Clock()
    clock.hear(5_000, wall=900_000)
    clock.wait(901_000)
    clock.wait(903_000)
    assert (clock.now, clock.silence) == (8.0, 3.0)
    clock.hear(9_000, wall=904_000)
    clock.wait(904_500)
    assert (clock.now, clock.silence) == (9.5, 0.5)


def test_time_away_is_no_silence() -> None:
    """A restart would let waiting signals out early."""
    clock = Clock(now=5.0)
    clock.wait(900_000)
    assert (clock.now, clock.silence) == (5.0, 0.0)


def test_a_wall_clock_that_is_set_back_does_not_turn_time_back() -> None:
    """The order of signals would break when a machine corrects its clock."""
    clock = Clock()
    clock.hear(5_000, wall=900_000)
    clock.wait(890_000)
    assert clock.now == 5.0
