"""The settings of a rule, and its version."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from detection.rule import Rule

OTHER_VALUES: dict[str, Any] = {
    "false_alarms_per_subject_month": 1.0,
    "for_": timedelta(hours=2),
    "keep_firing_for": timedelta(hours=24),
    "silenced": ("topic:*",),
    "bin": timedelta(minutes=30),
    "lateness": timedelta(minutes=5),
    "idle_timeout": 10.0,
    "max_pending": 10,
}


@pytest.mark.parametrize(
    "settings",
    [
        {"false_alarms_per_subject_month": 0.0},
        {"false_alarms_per_subject_month": 1000.0},
        {"keep_firing_for": timedelta(hours=-1)},
        {"bin": timedelta(0)},
        {"half_life": 3},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(settings: dict[str, Any]) -> None:
    """A rule whose alerts never resolve, or whose promise cannot be kept, would be used."""
    with pytest.raises(ValidationError):
        Rule(**settings)


def test_every_setting_is_described_and_all_but_two_change_the_version() -> None:
    """Two rules under one version would give different alerts the same id."""
    assert all(field.description for field in Rule.model_fields.values())
    versions = {Rule(**{name: value}).version for name, value in OTHER_VALUES.items()}
    assert len(versions | {Rule().version}) == len(Rule.model_fields) - 2


def test_what_is_set_aside_does_not_change_the_version() -> None:
    """An alert that fires would get another id when the guard against the future is set."""
    assert Rule(max_ahead=timedelta(days=9)).version == Rule().version


def test_how_often_an_alert_is_updated_does_not_change_the_version() -> None:
    """An alert that fires would get another id when people want to hear less often of it."""
    assert Rule(update_interval=timedelta(days=1)).version == Rule().version


@pytest.mark.parametrize("wrong", ["TSLA", "company:", "ticker:TSLA", "AC*", "", ":TSLA"])
def test_a_pattern_that_can_match_no_subject_is_refused(wrong: str) -> None:
    """TSLA would be taken without a word, and silence nothing."""
    with pytest.raises(ValidationError, match=r"write company:TICKER"):
        Rule(silenced=("topic:*", wrong))


@pytest.mark.parametrize("right", ["company:TSLA", "topic:*", "market:all", "*", "*:TSLA", "c*:A"])
def test_patterns_of_subjects_are_taken(right: str) -> None:
    """People would have to name each company by itself."""
    assert Rule(silenced=(right,)).silenced == (right,)


def test_silenced_subjects_do_not_change_the_version() -> None:
    """An alert that fires would change its id, so it would never end under the old one."""
    assert Rule(silenced=("company:ACME",)).version == Rule().version


def test_the_setting_is_called_for() -> None:
    """The setting `for`, as the documentation has it, would be refused as unknown."""
    assert Rule.model_validate({"for": "PT2H"}).for_ == timedelta(hours=2)
