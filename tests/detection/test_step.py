"""The surge detector: what fires, what does not, and that every replay agrees."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from detection.rule import Rule
from detection.state import State
from detection.step import step, surge, tick
from schemas.alert import Alert
from schemas.signal import Signal

Phase = tuple[int, float, float]
Streaming = Callable[..., list[Signal]]
Watch = Callable[..., tuple[State, list[Alert]]]
RULE = Rule()
QUIET = (60, 720.0, 0.2)
STORM = (40, 3.0, 0.9)
FAR = timedelta(days=3650)


def test_a_storm_after_quiet_fires_within_minutes_and_resolves_in_days(
    streaming: Streaming,
    watch: Watch,
) -> None:
    """A user would hear of a crisis too late, or for ever."""
    signals = streaming([QUIET, STORM])
    state, alerts = watch(signals)
    assert [alert.status for alert in alerts] == ["firing"]
    assert alerts[0].onset - signals[60].published < timedelta(minutes=60)
    _, resolved = tick(RULE, state, state.time + timedelta(days=5))
    assert resolved is not None
    assert (resolved.id, resolved.status) == (alerts[0].id, "resolved")
    assert resolved.onset < resolved.detected_at < state.time + timedelta(days=5)


def test_an_alert_shows_its_numbers_and_the_most_telling_headlines_first(
    streaming: Streaming,
    watch: Watch,
) -> None:
    """An alert without evidence can't be judged by who receives it."""
    signals = streaming([QUIET, (11, 3.0, 0.7), (40, 3.0, 0.99)])
    _, (alert,) = watch(signals)
    assert alert.negative_share > alert.baseline_share + RULE.firing_share
    assert alert.evidence >= RULE.minimum_evidence
    assert len(alert.headlines) == 5
    assert alert.headlines[0].negative == 0.99
    assert (alert.model, alert.rule) == ("fake-1", RULE.version)


@pytest.mark.parametrize(
    "storm",
    [
        pytest.param((300, 3.0, 0.1), id="a flood of news that is not negative"),
        pytest.param((60, 720.0, 0.95), id="the usual amount, all negative"),
        pytest.param((5, 1.0, 1.0), id="a handful of bad headlines"),
    ],
)
def test_what_is_no_surge_does_not_fire(
    streaming: Streaming, watch: Watch, storm: tuple[int, float, float]
) -> None:
    """Alerts nobody believes any more are worse than none."""
    assert watch(streaming([QUIET, storm]))[1] == []


def test_a_few_bad_headlines_about_an_unknown_company_do_not_fire(
    streaming: Streaming, watch: Watch
) -> None:
    """Where bad news is all but absent, a handful is many times the usual."""
    obscure = (60, 720.0, 0.01)
    state, alerts = watch(streaming([obscure, (9, 1.0, 1.0)]))
    assert surge(RULE, state) > RULE.firing_surge
    assert alerts == []


def test_a_subject_watched_for_two_weeks_is_neither_blind_nor_hysterical(
    streaming: Streaming,
    watch: Watch,
) -> None:
    """A company that enters the news must be heard, though not for existing."""
    assert watch(streaming([(300, 1.0, 0.95)]))[1] == []
    assert len(watch(streaming([(5, 4_000.0, 0.3), STORM]))[1]) == 1


def test_the_surge_does_not_become_the_usual_while_it_lasts(
    streaming: Streaming, watch: Watch
) -> None:
    """The alert would end in the middle of the crisis."""
    state, alerts = watch(streaming([QUIET, (400, 10.0, 0.9)]))
    assert [alert.status for alert in alerts] == ["firing"]
    assert surge(RULE, state) > RULE.firing_surge


def test_a_lasting_change_of_level_resolves_in_the_end(streaming: Streaming, watch: Watch) -> None:
    """A company that stays in the news would be in alert for ever."""
    _, alerts = watch(streaming([QUIET, (20_000, 20.0, 0.9)]))
    assert [alert.status for alert in alerts] == ["firing", "resolved"]


def test_two_surges_are_two_alerts(streaming: Streaming, watch: Watch) -> None:
    """The second crisis would be taken for news about the first."""
    _, alerts = watch(streaming([QUIET, STORM, (30, 1_440.0, 0.2), STORM]))
    assert [alert.status for alert in alerts] == ["firing", "resolved", "firing"]
    assert alerts[0].id == alerts[1].id != alerts[2].id


def test_a_late_signal_counts_as_if_it_had_come_in_time(streaming: Streaming, watch: Watch) -> None:
    """Order of arrival would change the shares that users see."""
    first, *rest, early, last = streaming([(30, 300.0, 0.3), (10, 5.0, 0.9)])
    ordered, _ = watch([first, *rest, early, last])
    swapped, _ = watch([first, *rest, last, early])
    assert swapped.time == ordered.time
    assert swapped.recent == pytest.approx(ordered.recent)
    assert swapped.baseline == pytest.approx(ordered.baseline)


def test_a_tick_that_resolves_nothing_leaves_the_state_alone(
    streaming: Streaming, watch: Watch
) -> None:
    """Every tick would write every subject to the changelog."""
    calm, _ = watch(streaming([QUIET]))
    firing, _ = watch(streaming([QUIET, STORM]))
    assert tick(RULE, calm, calm.time + FAR) == (calm, None)
    assert tick(RULE, firing, firing.time - timedelta(days=1)) == (firing, None)
    assert tick(RULE, firing, firing.time + timedelta(minutes=1)) == (firing, None)


def test_the_golden_stream_gives_the_golden_alerts() -> None:
    """A changed statistic must be noticed, and its version changed with it."""
    random = Random(20240101)
    at, state, seen = datetime(2024, 1, 1, tzinfo=UTC), None, []
    for number in range(3_000):
        bad = number % 1_000 > 940
        at += timedelta(hours=random.expovariate(8.0 if bad else 0.3))
        negative = random.betavariate(6, 2) if bad else random.betavariate(2, 6)
        signal = Signal(
            subject="topic:credit",
            key=str(number),
            published=at.replace(microsecond=0),
            negative=negative,
            neutral=1 - negative,
            positive=0,
            headline=f"headline {number}",
            source="golden",
            model="fake-1",
        )
        state, alert = step(RULE, state, signal)
        if alert:
            seen.append((alert.status, f"{alert.detected_at:%Y-%m-%d %H:%M}", alert.signals))
    assert RULE.version == "2c966201fb27"
    assert seen == [
        ("firing", "2024-05-06 02:21", 966),
        ("resolved", "2024-05-08 17:04", 1016),
        ("firing", "2024-09-11 18:12", 1965),
        ("resolved", "2024-09-14 11:34", 2020),
        ("firing", "2025-01-25 00:01", 2966),
    ]
