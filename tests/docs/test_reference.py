"""The pages of docs/reference, compared with the code that they are written from."""

import re

import pytest

from infra.settings.model import Settings
from infra.settings.schema import settings_of
from schemas.channels import CHANNELS
from schemas.metrics.processing import METRICS
from tests.cli.test_help import COMMANDS
from tools.reference.metrics import series
from tools.write_reference import FOLDER, PAGES

NO_MEANING = re.compile(r"\| +(?:Or a file[^|]*)?\|$")


@pytest.mark.parametrize("name", PAGES)
def test_the_page_says_what_the_code_says(name: str) -> None:
    """A reader would look up a setting, a command or a field that is another by now."""
    written = (FOLDER / name).read_text("utf-8")
    assert written == PAGES[name](), f"docs/reference/{name}: python -m tools.write_reference"


def test_nothing_is_left_out() -> None:
    """A user would take what the reference leaves out for something that does not exist."""
    settings, commands = PAGES["settings.md"](), PAGES["commands.md"]()
    for setting in settings_of(Settings).values():
        (row,) = [line for line in settings.splitlines() if f"`{setting.variable}`<br>" in line]
        assert not NO_MEANING.search(row), f"{setting.name} has no description"
    for path in COMMANDS:
        assert f"\n## newsquake {' '.join(path)}\n" in commands
    metrics, records = PAGES["metrics.md"](), PAGES["records.md"]()
    assert all(f"| `{series(metric)}` |" in metrics for metric in METRICS)
    assert all(f"| `{channel.topic}` |" in records for channel in CHANNELS)


def test_no_other_page_is_among_them() -> None:
    """A page of a removed module would stay for ever."""
    assert {file.name for file in FOLDER.iterdir()} == set(PAGES)
