"""The rule's parameters and their version."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from detection.rule import Rule


@pytest.mark.parametrize(
    "wrong",
    [
        {"resolving_surge": 6.0},
        {"resolving_surge": 1.0},
        {"baseline_half_life": timedelta(hours=20)},
        {"prior_span": timedelta(hours=1)},
        {"prior_span": timedelta(days=300)},
        {"minimum_evidence": 0},
        {"half_life": 3},
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    """Alerts that never resolve, or fire on steady news, would be found in production only."""
    with pytest.raises(ValidationError):
        Rule(**wrong)


def test_every_parameter_is_explained_and_part_of_the_version() -> None:
    """Two rules under one version would give different alerts the same id."""
    assert all(field.description for field in Rule.model_fields.values())
    changed = {
        name: value + (timedelta(minutes=1) if isinstance(value, timedelta) else type(value)(1))
        for name, value in Rule().model_dump().items()
        if name not in {"prior_share", "firing_share", "firing_pace"}
    } | {"prior_share": 0.4, "firing_share": 0.2, "firing_pace": 0.5}
    versions = {Rule(**{name: value}).version for name, value in changed.items()}
    assert len(versions | {Rule().version}) == len(Rule.model_fields) + 1
