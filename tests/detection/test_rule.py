"""The rule's parameters and their version."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from detection.rule import Rule

OTHERS: dict[str, Any] = {
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
    "wrong",
    [
        {"false_alarms_per_subject_month": 0.0},
        {"false_alarms_per_subject_month": 1000.0},
        {"keep_firing_for": timedelta(hours=-1)},
        {"bin": timedelta(0)},
        {"half_life": 3},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    """Alerts that never resolve, or a promise that nobody can keep, would run in production."""
    with pytest.raises(ValidationError):
        Rule(**wrong)


def test_every_parameter_is_explained_and_but_for_one_part_of_the_version() -> None:
    """Two rules under one version would give different alerts the same id."""
    assert all(field.description for field in Rule.model_fields.values())
    versions = {Rule(**{name: value}).version for name, value in OTHERS.items()}
    assert len(versions | {Rule().version}) == len(Rule.model_fields)


def test_whom_one_silences_is_no_part_of_the_version() -> None:
    """An alert that fires would never end, and another end that never began."""
    assert Rule(silenced=("company:ACME",)).version == Rule().version


def test_for_is_called_for_in_settings() -> None:
    """People who write `for` as the documentation says would be told that it is unknown."""
    assert Rule.model_validate({"for": "PT2H"}).for_ == timedelta(hours=2)
