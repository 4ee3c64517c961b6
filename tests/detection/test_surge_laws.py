"""Laws of the surge detector, and the replays that must agree."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detection.rule import Rule
from detection.state import State
from detection.step import recent_share, step, surge, tick, usual_share
from schemas.alert import Alert
from schemas.signal import Signal

Phase = tuple[int, float, float]
Streaming = Callable[..., list[Signal]]
Watch = Callable[..., tuple[State, list[Alert]]]
RULE: Final = Rule()
QUIET: Final = (60, 720.0, 0.2)
STORM: Final = (40, 3.0, 0.9)
FAR: Final = timedelta(days=3650)

# One signal can lift this from resolving to firing: the hardest case for a replay.
TIGHT = Rule(
    firing_surge=2.6, resolving_surge=2.5, minimum_evidence=1, prior_span=timedelta(hours=40)
)

PHASES = st.lists(
    st.tuples(
        st.integers(1, 60),
        st.sampled_from([0.0, 1.0, 30.0, 600.0, 5_000.0, 50_000.0]),
        st.floats(0, 1),
    ),
    min_size=1,
    max_size=6,
)
lawful = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def test_the_signal_that_finds_an_alert_over_does_not_start_the_next(
    streaming: Streaming, watch: Watch
) -> None:
    """Whether a tick or the signal came first would decide if there is another alert."""
    *signals, last = streaming([QUIET, STORM, (1, 1.0, 1.0)])
    firing, _ = watch(signals, rule=TIGHT)
    quiet, over = tick(TIGHT, firing, firing.time + FAR)
    assert over is not None
    after = last.model_copy(update={"published": over.detected_at + timedelta(minutes=1)})
    found_by_tick, nothing = step(TIGHT, quiet, after)
    found_by_signal, resolved = step(TIGHT, firing, after)
    assert surge(TIGHT, found_by_tick) > TIGHT.firing_surge
    assert found_by_tick == found_by_signal
    assert (nothing, resolved) == (None, over)
    assert step(TIGHT, found_by_tick, after)[1] is not None


@pytest.mark.property
@given(
    minutes=st.floats(0.001, 50_000),
    negative=st.floats(0, 1),
    count=st.integers(1, 600),
)
@lawful
def test_no_constant_stream_ever_fires(
    streaming: Streaming, watch: Watch, minutes: float, negative: float, count: int
) -> None:
    """Steady bad news is that subject's normal, from its first day on."""
    assert watch(streaming([(count, minutes, negative)]))[1] == []


@pytest.mark.property
@given(phases=PHASES)
@lawful
def test_every_alert_that_fires_resolves(
    streaming: Streaming, watch: Watch, phases: list[Phase]
) -> None:
    """An alert that never ends is noise, and an end without a beginning is a riddle."""
    state, alerts = watch(streaming(phases))
    state, last = tick(RULE, state, state.time + FAR)
    alerts += [last] if last else []
    assert [alert.status for alert in alerts] == ["firing", "resolved"] * (len(alerts) // 2)
    pairs = zip(alerts[::2], alerts[1::2], strict=True)
    assert all(a.id == b.id and a.onset < b.detected_at for a, b in pairs)
    assert len({alert.id for alert in alerts}) == len(alerts) // 2


@pytest.mark.property
@given(phases=PHASES, cut=st.integers(1, 200))
@lawful
def test_resuming_from_bytes_is_as_never_having_stopped(
    streaming: Streaming, watch: Watch, phases: list[Phase], cut: int
) -> None:
    """A restart would change alerts and counts."""
    signals = streaming(phases)
    whole, alerts = watch(signals)
    state, before = watch(signals[:cut])
    resumed, after = watch(signals[cut:], State.from_bytes(state.to_bytes()))
    assert (resumed, before + after) == (whole, alerts)
    assert whole.signals == len(signals)


@pytest.mark.property
@pytest.mark.parametrize("rule", [RULE, TIGHT], ids=["default", "tight"])
@given(phases=PHASES, part=st.floats(0, 1))
@lawful
def test_ticks_do_not_change_which_alerts_there_are(
    streaming: Streaming, watch: Watch, rule: Rule, phases: list[Phase], part: float
) -> None:
    """A replayed log, ticked at other moments, would give other alerts."""
    signals = streaming([QUIET, STORM, *phases, (1, 9_000.0, 1.0), STORM])
    state, expected = watch(signals, rule=rule)
    seen: list[Alert | None] = []
    ticked: State | None = None
    for signal in signals:
        if ticked:
            between = ticked.time + (signal.published - ticked.time) * part
            ticked, alert = tick(rule, ticked, between)
            seen.append(alert)
        ticked, alert = step(rule, ticked, signal)
        seen.append(alert)
    assert ticked == state
    assert [alert for alert in seen if alert] == expected


@pytest.mark.property
@given(first=PHASES, second=PHASES, seed=st.integers(0, 2**32))
@lawful
def test_subjects_do_not_touch_each_other(
    streaming: Streaming, watch: Watch, first: list[Phase], second: list[Phase], seed: int
) -> None:
    """Partitioning subjects over workers would change what they find."""
    streams = {
        subject: streaming([QUIET, STORM, *phases], subject)
        for subject, phases in (("topic:macro", first), ("topic:credit", second))
    }
    alone = {subject: watch(signals) for subject, signals in streams.items()}
    order = [subject for subject, signals in streams.items() for _ in signals]
    Random(seed).shuffle(order)
    queues = {subject: iter(signals) for subject, signals in streams.items()}
    together: dict[str, State] = {}
    for subject in order:
        together[subject], _ = step(RULE, together.get(subject), next(queues[subject]))
    assert together == {subject: state for subject, (state, _) in alone.items()}


@pytest.mark.property
@given(phases=PHASES)
@lawful
def test_shares_are_shares(streaming: Streaming, watch: Watch, phases: list[Phase]) -> None:
    """A share above one would be shown to users."""
    state, _ = watch(streaming(phases))
    assert 0.0 <= recent_share(state) <= 1.0 + 1e-9
    assert 0.0 <= usual_share(RULE, state) <= 1.0 + 1e-9
