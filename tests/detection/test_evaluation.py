"""Evaluation of alerts against known events."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.evaluation import AlertSpan, KnownEvent, evaluate

DAY = timedelta(days=1)
BEGIN = datetime(2008, 9, 8, tzinfo=UTC)
LEHMAN = KnownEvent(("company:LEH",), BEGIN, BEGIN + 7 * DAY, "files for bankruptcy")

SPANS = st.builds(
    lambda name, start, length: AlertSpan(
        (name,), (BEGIN + start * DAY,), None if length is None else BEGIN + (start + length) * DAY
    ),
    st.sampled_from(["company:LEH", "company:AIG", "topic:macro"]),
    st.integers(-20, 20),
    st.none() | st.integers(0, 10),
)


def test_an_alert_that_fired_before_counts_once_it_escalates() -> None:
    """An alert that was firing already and grows on the day would be taken for a miss."""
    early = BEGIN - 3 * DAY
    without_change = AlertSpan(("company:LEH",), (early,))
    escalated = AlertSpan(("company:LEH",), (early, BEGIN + 2 * DAY))
    assert evaluate([without_change], [LEHMAN], 1.0).detections == (None,)
    assert evaluate([escalated], [LEHMAN], 1.0).detections == (BEGIN + 2 * DAY,)


def test_an_alert_that_lasts_into_an_event_is_not_false() -> None:
    """An early alert would count as false, though it was still firing at the event."""
    lasting = AlertSpan(("company:LEH",), (BEGIN - DAY,), BEGIN + DAY)
    resolved = AlertSpan(("company:LEH",), (BEGIN - 2 * DAY,), BEGIN - DAY)
    late = AlertSpan(("company:LEH",), (LEHMAN.end + DAY,))
    spans = (lasting, resolved, late)
    assert [evaluate([span], [LEHMAN], 1.0).false for span in spans] == [0, 1, 1]


def test_an_alert_without_an_end_lasts_into_every_later_event() -> None:
    """An alert that still fires at the end of an archive would count as false."""
    firing = AlertSpan(("company:LEH",), (BEGIN - 300 * DAY,))
    assert evaluate([firing], [LEHMAN], 1.0).false == 0


def test_only_subjects_of_the_event_count() -> None:
    """Another company's alert would detect the event."""
    other = AlertSpan(("company:AIG",), (BEGIN + DAY,))
    assert evaluate([other], [LEHMAN], 1.0).detections == (None,)
    event = LEHMAN._replace(subjects=("company:LEH", "company:A*"))
    assert evaluate([other], [event], 1.0).recall == 1.0


def test_patterns_respect_case() -> None:
    """A pattern for one ticker would match another that differs in case."""
    event = LEHMAN._replace(subjects=("company:leh*",))
    span = AlertSpan(("company:LEH",), (BEGIN + DAY,))
    assert evaluate([span], [event], 1.0).recall == 0.0


def test_an_alert_of_the_market_detects_events_of_its_members() -> None:
    """A crash that is reported as one alert would count as a miss for each company."""
    market = AlertSpan(("market:all", "company:LEH", "company:AIG"), (BEGIN + DAY,))
    assert evaluate([market], [LEHMAN], 1.0).delay == DAY


def test_begin_and_end_belong_to_the_event() -> None:
    """An alert in the first or in the last second would be lost."""
    for time in (LEHMAN.begin, LEHMAN.end):
        span = AlertSpan(("company:LEH",), (time,))
        assert evaluate([span], [LEHMAN], 1.0).detections == (time,)
    after = AlertSpan(("company:LEH",), (LEHMAN.end + timedelta(microseconds=1),))
    assert evaluate([after], [LEHMAN], 1.0).detections == (None,)


def test_without_events_there_is_no_recall() -> None:
    """An archive without known events would be shown as if all of them were detected."""
    evaluation = evaluate([AlertSpan(("company:LEH",), (BEGIN,))], [], 2.0)
    assert (evaluation.recall, evaluation.delay, evaluation.false) == (None, None, 1)


def test_without_detections_there_is_no_delay() -> None:
    """A detector that missed everything would be shown as one without delay."""
    evaluation = evaluate([], [LEHMAN], 1.0)
    assert (evaluation.recall, evaluation.delay) == (0.0, None)


def test_the_delay_is_the_median_over_detected_events() -> None:
    """One late detection, or a missed event, would dominate the delay that is shown."""
    events = [LEHMAN._replace(subjects=(f"company:{number}",)) for number in range(4)]
    delays = (1 * DAY, 2 * DAY, 6 * DAY)
    spans = [
        AlertSpan((f"company:{number}",), (BEGIN + delay,)) for number, delay in enumerate(delays)
    ]
    evaluation = evaluate(spans, events, 1.0)
    assert (evaluation.delay, evaluation.recall) == (2 * DAY, 0.75)


def test_the_earliest_of_several_alerts_is_the_detection() -> None:
    """The delay would depend on the order in which alerts are listed."""
    spans = [AlertSpan(("company:LEH",), (BEGIN + days * DAY,)) for days in (5, 1, 3)]
    assert evaluate(spans, [LEHMAN], 1.0).detections == (BEGIN + DAY,)


def test_alerts_in_harmless_times_are_counted_once_for_each_time() -> None:
    """A detector that fires at product launches would look like one that keeps quiet."""
    launch = LEHMAN._replace(note="a launch")
    other = launch._replace(subjects=("company:KO",))
    spans = [AlertSpan(("company:LEH",), (BEGIN + day * DAY,)) for day in (1, 2)]
    evaluation = evaluate(spans, [], 1.0, harmless=[launch, other])
    assert evaluation.disturbed == (BEGIN + DAY, None)
    assert evaluation.false_harmless == 1


def test_an_alert_that_only_lasts_into_a_harmless_time_does_not_disturb_it() -> None:
    """An alert about the crisis before would count as a false alarm of the launch after it."""
    lasting = AlertSpan(("company:LEH",), (BEGIN - DAY,), BEGIN + DAY)
    grown = AlertSpan(("company:LEH",), (BEGIN - DAY, BEGIN + DAY))
    counts = [evaluate([span], [], 1.0, [LEHMAN]).false_harmless for span in (lasting, grown)]
    assert counts == [0, 1]


def test_an_alert_of_the_market_disturbs_no_harmless_time_of_a_member() -> None:
    """A crash of the market would count as a false alarm about a company's good results."""
    market = AlertSpan(("market:all", "company:LEH"), (BEGIN + DAY,))
    assert evaluate([market], [], 1.0, [LEHMAN]).false_harmless == 0
    assert evaluate([market], [LEHMAN], 1.0).recall == 1.0


def test_recall_and_delay_among_some_events() -> None:
    """The table by size would mix large events with small ones."""
    large = LEHMAN._replace(size=1)
    small = LEHMAN._replace(subjects=("company:KO",), size=3)
    span = AlertSpan(("company:LEH",), (BEGIN + DAY,))
    evaluation = evaluate([span], [large, small], 1.0, [small])
    first = evaluation.among(lambda event: event.size == 1)
    third = evaluation.among(lambda event: event.size == 3)
    assert (first.recall, first.delay, first.events) == (1.0, DAY, (large,))
    assert (third.recall, third.delay, third.events) == (0.0, None, (small,))
    assert third.harmless == (small,)


@pytest.mark.property
@given(spans=st.lists(SPANS, max_size=8), more=st.lists(SPANS, max_size=4))
def test_more_alerts_never_detect_less(spans: list[AlertSpan], more: list[AlertSpan]) -> None:
    """A detector would get a better recall by raising fewer alerts."""
    events = [LEHMAN, LEHMAN._replace(subjects=("topic:*",))]
    less, all_alerts = evaluate(spans, events, 1.0), evaluate(spans + more, events, 1.0)
    for before, after in zip(less.detections, all_alerts.detections, strict=True):
        assert before is None or (after is not None and after <= before)
    assert all_alerts.false >= less.false


@pytest.mark.property
@given(spans=st.lists(SPANS, max_size=8))
def test_an_alert_that_detects_an_event_is_never_false(spans: list[AlertSpan]) -> None:
    """One alert would count as a detection and as a false alarm at the same time."""
    for span in spans:
        evaluation = evaluate([span], [LEHMAN], 1.0)
        assert evaluation.detections == (None,) or evaluation.false == 0
