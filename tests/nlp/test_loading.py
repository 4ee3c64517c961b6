"""From settings to a model."""

from typing import Any

import pytest
from pydantic import ValidationError

from nlp.choice import Nlp
from nlp.load import load


def test_the_default_needs_nothing_but_itself() -> None:
    """The demo would not start on a fresh machine."""
    assert load(Nlp()).model_id.startswith("lexicon")
    assert load(Nlp(model="null")).model_id == "null"


@pytest.mark.parametrize(
    "wrong",
    [{"model": ""}, {"device": "gpu"}, {"batch_tokens": 0}, {"labels": {"x": "bad"}}, {"size": 1}],
)
def test_wrong_settings_are_refused_at_the_start(wrong: dict[str, Any]) -> None:
    """A typo would surface as a CUDA error an hour later."""
    with pytest.raises(ValidationError):
        Nlp(**wrong)
