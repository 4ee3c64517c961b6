"""The rule's settings in bins."""

from datetime import timedelta

import pytest

from detection.alerting.alert_policy import AlertPolicy
from detection.rule import Rule


def test_durations_are_rounded_up_to_bins() -> None:
    """An alert would fire or resolve earlier than the settings say."""
    rule = Rule(for_=timedelta(minutes=90), keep_firing_for=timedelta(minutes=61))
    policy = AlertPolicy.of(rule)
    assert (policy.wait, policy.keep) == (2, 2)
    exact = AlertPolicy.of(Rule(for_=timedelta(hours=2), keep_firing_for=timedelta(hours=6)))
    assert (exact.wait, exact.keep) == (2, 6)
    assert AlertPolicy.of(Rule(for_=timedelta(0))).wait == 0


def test_the_promise_is_per_month_whatever_the_bin() -> None:
    """With bins of five minutes there would be twelve times as many false alarms."""
    hours = AlertPolicy.of(Rule(bin=timedelta(hours=1)))
    minutes = AlertPolicy.of(Rule(bin=timedelta(minutes=5)))
    assert hours.rate == pytest.approx(12 * minutes.rate)
    assert hours.rate * 24 * 30.436875 == pytest.approx(0.1)


def test_the_policy_carries_the_number_of_its_rule() -> None:
    """Alerts of two rules would get the same id."""
    assert AlertPolicy.of(Rule()).rule == Rule().number
