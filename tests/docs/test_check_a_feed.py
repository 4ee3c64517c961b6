"""The how-to of checking a feed, run as it is printed."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app

PAGE = Path(__file__).parents[2] / "docs/how-to/check-a-feed.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_the_page_prints_what_the_command_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader would not recognise the own output in the page."""
    blocks = BLOCK.findall(PAGE.read_text("utf-8"))
    (table,) = [text for kind, text in blocks if kind == "csv"]
    (tmp_path / "vendor.csv").write_text(table)
    monkeypatch.chdir(tmp_path)
    commands = [text for kind, text in blocks if kind == "console"]
    assert len(commands) == 2
    for text in commands:
        command, *expected = text.splitlines()
        _, _, *arguments = shlex.split(command)
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 1
        printed = result.stdout if "--json" in arguments else result.output
        assert len(printed.splitlines()) == len(expected)
        for line, pattern in zip(printed.splitlines(), expected, strict=True):
            assert re.fullmatch(".*".join(map(re.escape, pattern.split("…"))), line), line
