"""The life of an alert."""

from detection.alerting.alert_state import AlertState


def test_an_alert_waits_as_long_as_the_rule_says() -> None:
    """Surges shorter than `for` would fire."""
    alert = AlertState()
    surging = [True, True, False, True, True, True]
    statuses = [
        alert.step(number, is_surging, is_calm=False, effect=3.0, wait=2, keep=6)
        for number, is_surging in enumerate(surging)
    ]
    assert statuses == [None, None, None, None, None, "firing"]


def test_ups_and_downs_belong_to_one_alert() -> None:
    """Somebody would be told three times of one bad day."""
    alert = AlertState()
    calm = [False, True, True, False, True, True, True, True]
    statuses = [
        alert.step(number, not is_calm, is_calm, 2.0, wait=0, keep=3)
        for number, is_calm in enumerate(calm)
    ]
    assert statuses == ["firing", None, None, None, None, None, "resolved", None]


def test_an_alert_escalates_once_for_each_severity() -> None:
    """A surge that grows would be reported in every bin, or never again."""
    alert = AlertState()
    effects = [2.0, 5.0, 5.0, 3.0, 6.0, 11.0, 20.0]
    statuses = [
        alert.step(number, is_surging=True, is_calm=False, effect=effect, wait=0, keep=3)
        for number, effect in enumerate(effects)
    ]
    assert statuses == ["firing", "escalated", None, None, None, "escalated", None]


def test_a_discovery_is_proven_within_the_trial_only() -> None:
    """Rises that have nothing to do with each other would add up to a discovery."""
    alert = AlertState()
    alert.step(10, is_surging=True, is_calm=False, effect=2.0, wait=0, keep=3)
    alert.proof = 20.0
    assert alert.is_proven(16, 20.0, trial=6)
    assert not alert.is_proven(16, 19.9, trial=6)
    assert not alert.is_proven(17, 90.0, trial=6)
    alert.discovery = True
    assert not alert.is_proven(16, 90.0, trial=6)


def test_a_rebaseline_is_due_once_a_week() -> None:
    """A subject that stays in the news would fire for months, or be rebaselined in every bin."""
    alert = AlertState()
    assert not alert.is_rebaseline_due(1_000, 168)
    alert.step(1_000, is_surging=True, is_calm=False, effect=2.0, wait=0, keep=3)
    assert not alert.is_rebaseline_due(1_167, 168)
    assert alert.is_rebaseline_due(1_168, 168)
    alert.rebaselined = 1_168
    assert not alert.is_rebaseline_due(1_169, 168)
