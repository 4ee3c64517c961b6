"""The settings of the search for companies."""

from pathlib import Path

import pytest

from infra.settings.model import SettingsError, load


def test_the_environment_names_the_file() -> None:
    """A desk's list would be ignored, or an empty variable be taken for the working directory."""
    assert load(None, {"NEWSQUAKE_COMPANIES__FILE": "desk.csv"}).companies.file == Path("desk.csv")
    assert load(None, {"NEWSQUAKE_COMPANIES__FILE": ""}).companies.file is None
    assert load(None, {"NEWSQUAKE_COMPANIES__FIND": "false"}).companies.find is False


@pytest.mark.parametrize("floor", ["-0.1", "1.1", "nan"])
def test_a_floor_that_no_relevance_has_is_refused(floor: str) -> None:
    """Every company would be a bystander, without a message."""
    with pytest.raises(SettingsError, match="NEWSQUAKE_COMPANIES__FLOOR"):
        load(None, {"NEWSQUAKE_COMPANIES__FLOOR": floor})
