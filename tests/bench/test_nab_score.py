"""NAB's score, against cases worked out by hand from its sweeper.py."""

from datetime import UTC, datetime, timedelta
from math import exp

import pytest
from nab_score import File, Score, probation, score

BEGIN = datetime(2015, 3, 1, tzinfo=UTC)
MINUTES = [BEGIN + timedelta(minutes=place) for place in range(100)]
FILE = File(MINUTES, [(MINUTES[40], MINUTES[49]), (MINUTES[70], MINUTES[79])])
"""100 rows, of which 15 are probation, and two windows of ten rows each."""


def sweep(place: float) -> float:
    """NAB's scaled sigmoid."""
    return 2.0 / (1.0 + exp(5.0 * place)) - 1.0


def test_nothing_detected_is_zero_and_both_left_edges_are_a_hundred() -> None:
    """The scale's two fixed points are off: no figure could be compared with a published one."""
    assert score(FILE, []).normalized == 0.0
    assert score(FILE, [40, 70]).normalized == pytest.approx(100.0)


def test_only_the_earliest_detection_in_a_window_counts() -> None:
    """A detector is paid twice for one event, or for the later of two detections."""
    early, late = -(49 - 42 + 1) / 10, -(49 - 48 + 1) / 10
    once = score(FILE, [42])
    assert once.points == pytest.approx(sweep(early) / sweep(-1.0) - 1.0)
    assert score(FILE, [48, 42]) == once
    assert sweep(late) < sweep(early)


def test_a_detection_at_the_right_edge_earns_little_but_not_nothing() -> None:
    """The window's last row is taken for a false alarm, or pays as much as the first."""
    found = score(FILE, [49])
    assert found.points == pytest.approx(sweep(-0.1) / sweep(-1.0) - 1.0)
    assert (found.found, found.false) == (1, 0)


def test_false_detections_cost_more_the_further_they_are_from_the_window_before() -> None:
    """A detection just after a window costs as much as one out of nowhere, or the reverse."""
    near, far, ahead = (score(FILE, [row]).points + 2.0 for row in (50, 69, 20))
    assert near == pytest.approx(0.11 * sweep(1 / 9))
    assert far == pytest.approx(0.11 * sweep(20 / 9))
    assert ahead == pytest.approx(-0.11)
    assert near > far > ahead


def test_from_three_widths_on_a_false_detection_costs_all() -> None:
    """The cost keeps falling with the distance though NAB cuts it off."""
    long = [BEGIN + timedelta(minutes=place) for place in range(1000)]
    file = File(long, [(long[200], long[209])])
    assert score(file, [209 + 27]).points == pytest.approx(-1.11)
    assert score(file, [209 + 26]).points > -1.11


def test_detections_in_the_probationary_period_count_for_nothing() -> None:
    """Learning is punished, or a window that ends while learning is asked for."""
    assert score(FILE, [3, 14]) == score(FILE, [])
    early = File(MINUTES, [(MINUTES[2], MINUTES[9]), *FILE.windows])
    assert score(early, [5, 40, 70]) == Score(2.0, windows=3, scored=2, found=2, false=0)


def test_a_window_that_outlasts_the_probation_can_be_found_in_its_rest() -> None:
    """A window across the end of the probation is lost, or pays as if it had begun there."""
    file = File(MINUTES, [(MINUTES[10], MINUTES[19])])
    assert score(file, [12]).found == 0
    assert score(file, [15]).points == pytest.approx(sweep(-0.5) / sweep(-1.0))


def test_the_probation_is_at_most_750_rows() -> None:
    """A long file's first windows are not scored: NAB caps the period at 15 % of 5 000 rows."""
    assert [probation(rows) for rows in (101, 4_999, 5_000, 15_902)] == [15, 749, 750, 750]
