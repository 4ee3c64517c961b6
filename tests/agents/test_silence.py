"""Silence: what a listener hears, or does not."""

from agents.detecting.detector_state import Silence


def test_it_counts_from_the_last_record() -> None:
    """An alert would be resolved by pauses that were over long ago."""
    silence = Silence()
    silence.end(900_000)
    assert [silence.extend(901_000), silence.extend(903_000)] == [1.0, 3.0]
    silence.end(904_000)
    assert silence.extend(904_500) == 0.5


def test_time_away_is_none() -> None:
    """A restart would let waiting signals out early."""
    silence = Silence()
    assert silence.extend(900_000) == 0.0
    assert silence.extend(901_000) == 1.0


def test_a_wall_clock_that_is_set_back_does_not_turn_it_back() -> None:
    """The order of signals would break when a machine corrects its clock."""
    silence = Silence()
    silence.end(900_000)
    assert silence.extend(890_000) == 0.0
    assert silence.extend(891_000) == 1.0
