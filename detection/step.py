"""The surge detector: one signal in, at most one alert out.

For each subject two windows forget exponentially: *recent* (hours) and *baseline* (weeks). Each
holds the effective number of signals and their negative mass, the sum of the model's negative
probabilities. From the baseline follows how much negative mass a window of the recent mean life
normally holds, with a gamma prior (`prior_signals`, `prior_share`, `prior_span`) that is forgotten
as the subject is watched::

    expected = recent_days * (prior mass + baseline.negative) / (prior_days + exposure)
    surge    = (recent.negative + allowance) / (expected + allowance)
    share    = recent.negative / recent.total
    usual    = (prior mass + baseline.negative) / (prior_signals + baseline.total)

An alert fires when there is `minimum_evidence`, the surge reaches `firing_surge` and share exceeds
usual by `firing_share`: neither a flood of neutral news nor one bad headline fires. It resolves
when the surge has decayed below `resolving_surge`. While it fires the baseline's clock runs at
`firing_pace`.

A ratio was preferred to a test on Poisson counts because news comes in clusters: one event makes
ten headlines, and for a large company every ordinary earnings day is "significant".

Signals should come in event-time order (see `detection.ordering`). A late one is counted with the
weight it would have by now, which is exact for both windows; it moves no clock. An alert resolves
at the moment the decay crosses the threshold, to the second, whether `tick` or the next signal
finds out. So a replayed log gives the same alerts however it is cut into ticks.

>>> from datetime import UTC, datetime, timedelta
>>> def news(hour, negative):
...     at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
...     return Signal(subject="company:ACME", key=f"k{hour}", published=at, negative=negative,
...                   neutral=1 - negative, positive=0, headline="", source="", model="m")
>>> rule, state, alerts = Rule(), None, []
>>> quiet = [news(12 * day, 0.2) for day in range(100)]
>>> storm = [news(1200 + minute / 10, 0.9) for minute in range(30)]
>>> for signal in quiet + storm:
...     state, alert = step(rule, state, signal)
...     alerts += [alert] if alert else []
>>> state, alert = tick(rule, state, state.time + timedelta(days=30))
>>> [found.status for found in (*alerts, alert)]
['firing', 'resolved']
>>> f"{alert.onset:%d %b %H:%M} to {alert.detected_at:%d %b %H:%M}"
'20 Feb 01:00 to 22 Feb 14:17'
"""

from datetime import datetime, timedelta
from math import exp
from typing import Literal

from detection.rule import DAY, Rule
from detection.state import State
from detection.telling import keep, recent
from schemas.alert import Alert
from schemas.identity import alert_id
from schemas.signal import Signal

SECOND = timedelta(seconds=1)


def step(rule: Rule, state: State | None, signal: Signal) -> tuple[State, Alert | None]:
    """Count one signal of the state's subject (``None``: its first). O(1).

    Where the alert had decayed before this signal came, the step resolves it, and the earliest
    next alert begins with the signal after.
    """
    before = state or State(signal.subject, signal.published)
    now = max(before.time, signal.published)
    aged = _aged(rule, before, now)
    after = _counted(rule, aged, signal)
    if before.onset and _calm(rule, aged):
        return after._replace(onset=None), _resolved(rule, before, now)
    if before.onset or before.resting or not _surging(rule, after):
        return after, None
    firing = after._replace(onset=now)
    return firing, _alert(rule, firing, now, "firing")


def tick(rule: Rule, state: State, now: datetime) -> tuple[State, Alert | None]:
    """Resolve the alert of a subject that has fallen silent. ``now`` is event time.

    Unless it resolves, the state is returned as it is: nothing needs to be written.
    """
    if state.onset is None or now <= state.time or not _calm(rule, _aged(rule, state, now)):
        return state, None
    return state._replace(onset=None, resting=True), _resolved(rule, state, now)


def surge(rule: Rule, state: State) -> float:
    """Recent negative mass as a multiple of what is expected, both with the allowance."""
    prior = rule.prior_signals * rule.prior_share
    rate = (prior + state.baseline.negative) / (rule.prior_days + state.exposure)
    expected = rate * rule.recent_days
    return (state.recent.negative + rule.allowance) / (expected + rule.allowance)


def usual_share(rule: Rule, state: State) -> float:
    """Negative share that is usual for the subject, shrunk to the prior when little is known."""
    negative = rule.prior_signals * rule.prior_share + state.baseline.negative
    return negative / (rule.prior_signals + state.baseline.total)


def recent_share(state: State) -> float:
    """Negative share of recent signals; 0 when there are none."""
    return state.recent.negative / state.recent.total if state.recent.total else 0.0


def _surging(rule: Rule, state: State) -> bool:
    return (
        state.recent.total >= rule.minimum_evidence
        and surge(rule, state) >= rule.firing_surge
        and recent_share(state) >= usual_share(rule, state) + rule.firing_share
    )


def _calm(rule: Rule, state: State) -> bool:
    return surge(rule, state) < rule.resolving_surge


def _pace(rule: Rule, state: State) -> float:
    return rule.firing_pace if state.onset or state.resting else 1.0


def _aged(rule: Rule, state: State, now: datetime) -> State:
    days = (now - state.time) / DAY
    if days <= 0:
        return state
    fade = exp(-days * _pace(rule, state) / rule.baseline_days)
    return state._replace(
        time=now,
        recent=state.recent.aged(exp(-days / rule.recent_days)),
        baseline=state.baseline.aged(fade),
        exposure=state.exposure * fade + rule.baseline_days * (1.0 - fade),
    )


def _counted(rule: Rule, state: State, signal: Signal) -> State:
    late = (state.time - signal.published) / DAY
    pace = _pace(rule, state)
    weight, baseline_weight = exp(-late / rule.recent_days), exp(-late / rule.baseline_days)
    return state._replace(
        recent=state.recent.plus(weight, signal.negative),
        baseline=state.baseline.plus(pace * baseline_weight, signal.negative),
        signals=state.signals + 1,
        resting=False,
        model=signal.model,
        headlines=keep(rule, state.headlines, signal),
    )


def _resolved(rule: Rule, state: State, now: datetime) -> Alert:
    # Calm lasts once it is reached (the recent window fades faster than the expectation), so
    # bisection finds the first whole second of it, the same one for every later `now`.
    alarmed, calm = 0, int((now - state.time) / SECOND) + 1
    while calm - alarmed > 1:
        middle = (alarmed + calm) // 2
        if _calm(rule, _aged(rule, state, state.time + middle * SECOND)):
            calm = middle
        else:
            alarmed = middle
    at = state.time + calm * SECOND
    return _alert(rule, _aged(rule, state, at), at, "resolved")


def _alert(rule: Rule, state: State, at: datetime, status: Literal["firing", "resolved"]) -> Alert:
    onset = state.onset or at
    return Alert(
        id=alert_id(state.subject, rule.version, onset),
        subject=state.subject,
        status=status,
        onset=onset,
        detected_at=at,
        negative_share=recent_share(state),
        baseline_share=usual_share(rule, state),
        evidence=state.recent.total,
        signals=state.signals,
        headlines=recent(rule, state.headlines, at),
        model=state.model,
        rule=rule.version,
    )
