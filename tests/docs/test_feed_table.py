"""The tables of docs/feeds.md: every profile, every case, and the figure that a command prints."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from schemas.incoming.profiles.shipped import shipped

ROOT = Path(__file__).parents[2]
CASES = ROOT.parent / "shared/data/feed-cases"
PAGE = (ROOT / "docs/feeds.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


def rows(header: str) -> list[list[str]]:
    """Return the cells of the table whose header begins so."""
    table = PAGE.split(f"\n| {header} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]


def profiles(table: list[list[str]], column: int) -> set[str]:
    """Return the profiles that a column names."""
    return {name for row in table for name in re.findall(r"`([^`]+)`", row[column])}


def test_every_profile_is_in_the_table() -> None:
    """A reader would write a profile that is shipped, or name one that is not."""
    assert profiles(rows("shape"), 1) == shipped().by_name.keys()


def test_every_case_is_in_the_table() -> None:
    """A reader would not find what becomes of a shape that went wrong once."""
    assert CASES.is_dir(), f"{CASES} is missing: the cases of real feeds lie beside the checkout"
    table = rows("case")
    numbers = {file.name[:2] for file in CASES.glob("[0-9][0-9]-*")}
    assert sorted(row[0] for row in table) == sorted(numbers)
    assert profiles(table, 2) <= shipped().by_name.keys()
    for _, shape, profile, read, not_read in table:
        assert shape
        assert profile
        assert read or not_read


@pytest.mark.parametrize("page", [PAGE, README])
def test_the_figure_is_what_the_command_prints(page: str) -> None:
    """A reader would be promised shapes that nobody counted."""
    result = CliRunner().invoke(app, ["check", str(ROOT / "docs/feeds.jsonl"), "--summary"])
    assert result.exit_code == 0, result.output
    (count,) = re.findall(r"^(\d+) articles$", result.stdout, re.MULTILINE)
    assert f"{count} shapes" in page
    assert "newsquake check docs/feeds.jsonl --summary" in page
