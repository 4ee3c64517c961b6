"""Alerts held against known events."""

from datetime import UTC, datetime, timedelta

from detection.evaluation import AlertSpan, KnownEvent, evaluate

DAY = timedelta(days=1)
BEGIN = datetime(2008, 9, 8, tzinfo=UTC)
LEHMAN = KnownEvent(("company:LEH",), BEGIN, BEGIN + 7 * DAY, "files for bankruptcy")


def test_an_alert_that_fired_before_counts_once_it_escalates() -> None:
    """An alert that was firing already and grows on the day is taken for a miss."""
    early = BEGIN - 3 * DAY
    silent = AlertSpan(("company:LEH",), (early,))
    grown = AlertSpan(("company:LEH",), (early, BEGIN + 2 * DAY))
    assert evaluate([silent], [LEHMAN], 1.0).found == (None,)
    assert evaluate([grown], [LEHMAN], 1.0).found == (BEGIN + 2 * DAY,)


def test_an_alert_that_lasts_into_an_event_is_not_false() -> None:
    """An early alert counts as a false alarm though it was still firing when it happened."""
    lasting = AlertSpan(("company:LEH",), (BEGIN - DAY,), BEGIN + DAY)
    over = AlertSpan(("company:LEH",), (BEGIN - 2 * DAY,), BEGIN - DAY)
    late = AlertSpan(("company:LEH",), (LEHMAN.end + DAY,))
    assert [evaluate([it], [LEHMAN], 1.0).false for it in (lasting, over, late)] == [0, 1, 1]


def test_only_the_events_own_subjects_count() -> None:
    """Another company's alert finds the event."""
    other = AlertSpan(("company:AIG",), (BEGIN + DAY,))
    assert evaluate([other], [LEHMAN], 1.0).found == (None,)
    any_of = LEHMAN._replace(subjects=("company:LEH", "company:A*"))
    assert evaluate([other], [any_of], 1.0).recall == 1.0


def test_a_member_of_a_market_alert_is_found_by_it() -> None:
    """A crash of everything, told as one alert, is counted as having missed each company."""
    market = AlertSpan(("market:all", "company:LEH", "company:AIG"), (BEGIN + DAY,))
    assert evaluate([market], [LEHMAN], 1.0).delay == DAY


def test_edges_belong_to_the_event() -> None:
    """An alert in the last second, or the first, is lost."""
    for at in (LEHMAN.begin, LEHMAN.end):
        assert evaluate([AlertSpan(("company:LEH",), (at,))], [LEHMAN], 1.0).found == (at,)
    after = LEHMAN.end + timedelta(microseconds=1)
    assert evaluate([AlertSpan(("company:LEH",), (after,))], [LEHMAN], 1.0).found == (None,)


def test_without_events_there_is_no_recall() -> None:
    """Nothing known is shown as everything found."""
    told = evaluate([AlertSpan(("company:LEH",), (BEGIN,))], [], 2.0)
    assert (told.recall, told.delay, told.false) == (None, None, 1)
