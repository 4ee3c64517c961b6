"""The life of an alert."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.alerting.alert_state import (
    CRITICAL_EFFECT,
    MAJOR_EFFECT,
    NEVER,
    SEVERITIES,
    AlertState,
    severity,
)
from schemas.alert import Status

Bins = list[tuple[bool, bool, float]]
BINS = st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0.0, 30.0)), max_size=60)
"""Whether the evidence reaches the threshold, whether the subject is calm, and the effect."""


def life(
    bins: Bins, wait: float = 0.0, keep: float = 6.0, state: AlertState | None = None
) -> list[Status | None]:
    """Return the changes of an alert, one for each bin."""
    alert = state or AlertState()
    return [
        alert.step(number, is_surging, is_calm, effect, wait, keep)
        for number, (is_surging, is_calm, effect) in enumerate(bins)
    ]


SURGE = (True, False, 3.0)
CALM = (False, True, 1.0)


@pytest.mark.property
@given(bins=BINS, wait=st.integers(0, 5), keep=st.integers(0, 8))
def test_firing_and_resolved_alternate(bins: Bins, wait: int, keep: int) -> None:
    """A receiver would see an alert end that never began, or begin twice."""
    changes = [status for status in life(bins, wait, keep) if status]
    starts = [status for status in changes if status != "escalated"]
    assert starts == [("firing", "resolved")[index % 2] for index in range(len(starts))]
    assert changes[:1] in ([], ["firing"])


@pytest.mark.property
@given(bins=BINS)
def test_an_alert_escalates_at_most_twice(bins: Bins) -> None:
    """A receiver would be paged at every rise of the effect."""
    escalations = 0
    for status in life(bins):
        escalations = 0 if status == "firing" else escalations + (status == "escalated")
        assert escalations <= len(SEVERITIES) - 1


@pytest.mark.parametrize("wait", [0, 1, 3])
def test_a_surge_must_last_for_the_rules_time(wait: int) -> None:
    """The setting `for` would be off by an hour."""
    changes = life([SURGE] * 6, wait)
    assert changes.index("firing") == wait


def test_an_interruption_starts_the_waiting_anew() -> None:
    """Two spikes a day apart would fire as one surge that lasted."""
    changes = life([SURGE, SURGE, CALM, SURGE, SURGE, SURGE, SURGE], wait=3)
    assert changes.index("firing") == 6


@pytest.mark.parametrize("keep", [0, 1, 6])
def test_an_alert_resolves_after_the_rules_time_of_calm(keep: int) -> None:
    """The setting `keep_firing_for` would be off by an hour."""
    changes = life([SURGE, *[CALM] * 10], keep=keep)
    assert changes.index("resolved") == max(keep, 1)


def test_ups_and_downs_within_the_time_of_calm_are_one_alert() -> None:
    """One crisis would be ten alerts."""
    changes = life([SURGE, CALM, CALM, SURGE, CALM, CALM, SURGE, *[CALM] * 7])
    assert [status for status in changes if status] == ["firing", "resolved"]


def test_severity_never_falls_while_an_alert_fires() -> None:
    """A critical alert would be shown as minor after the worst hour."""
    state = AlertState()
    effects = (3.0, MAJOR_EFFECT, 2.0, CRITICAL_EFFECT, 3.0)
    changes = life([(True, False, effect) for effect in effects], state=state)
    assert changes == ["firing", "escalated", None, "escalated", None]
    assert SEVERITIES[state.severity] == "critical"


def test_a_new_alert_begins_with_its_own_severity_and_no_discovery() -> None:
    """A minor alert would be shown as critical because the one before was."""
    state = AlertState()
    life([(True, False, 20.0), *[CALM] * 7], state=state)
    state.discovery = True
    assert state.step(8, is_surging=True, is_calm=False, effect=2.0, wait=0.0, keep=6.0) == "firing"
    assert (SEVERITIES[state.severity], state.discovery) == ("minor", False)


def test_severities_begin_at_their_documented_effects() -> None:
    """A surge to four times the expected news would be minor."""
    effects = (0.0, 3.99, 4.0, 9.99, 10.0, 1e9)
    names = [SEVERITIES[severity(effect)] for effect in effects]
    assert names == ["minor", "minor", "major", "major", "critical", "critical"]


def test_a_rebaseline_is_due_only_while_an_alert_fires_for_long_enough() -> None:
    """A level would become the baseline at once, or never."""
    state = AlertState()
    assert not state.is_rebaseline_due(10_000, after=168)
    life([SURGE], state=state)
    assert not state.is_rebaseline_due(167, after=168)
    assert state.is_rebaseline_due(168, after=168)
    state.rebaselined = 168
    assert not state.is_rebaseline_due(200, after=168)
    state.active = NEVER
    assert not state.is_rebaseline_due(10_000, after=168)


def test_an_alert_is_proven_within_its_trial_and_once() -> None:
    """Days later an alert would become a discovery, or become one twice."""
    state = AlertState()
    life([SURGE], state=state)
    state.proof = 12.0
    assert not state.is_proven(3, 11.9, trial=6)
    assert state.is_proven(3, 12.0, trial=6)
    assert state.is_proven(6, 12.0, trial=6)
    assert not state.is_proven(7, 12.0, trial=6)
    state.discovery = True
    assert not state.is_proven(3, 12.0, trial=6)
