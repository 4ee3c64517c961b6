"""From settings to a model."""

from typing import Any

import pytest
from pydantic import ValidationError

from nlp.load import load
from nlp.settings import ModelSettings
from nlp.transformer.model_path import saved_folder


@pytest.mark.model
def test_the_default_is_the_shipped_model() -> None:
    """Without a setting, news would be read by word lists, and no one would know."""
    assert load(ModelSettings(device="cpu")).model_id.startswith("shipped")
    assert load(ModelSettings(model="null")).model_id == "null"


@pytest.mark.model
def test_the_large_model_is_named() -> None:
    """The name would be taken for a checkpoint on a hub that the user never heard of."""
    assert load(ModelSettings(model="large", device="cpu")).model_id.startswith("large")
    assert saved_folder("large").name == "large"


@pytest.mark.parametrize(
    "wrong",
    [{"model": ""}, {"device": "gpu"}, {"batch_tokens": -1}, {"labels": {"x": "bad"}}, {"size": 1}],
)
def test_wrong_settings_are_refused_at_the_start(wrong: dict[str, Any]) -> None:
    """A typo would surface as a CUDA error an hour later."""
    with pytest.raises(ValidationError):
        ModelSettings(**wrong)
