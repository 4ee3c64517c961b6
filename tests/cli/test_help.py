"""What the command line says of itself: help, examples, version, completion, errors."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli.main import app

SCRIPT = Path(sys.executable).with_name("newsquake")


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command that does something, with the words that call it."""
    for name, command in group.commands.items():
        if getattr(command, "commands", None):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ROOT = typer.main.get_command(app)
COMMANDS = dict(commands(ROOT))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_has_an_example_that_the_command_takes(path: tuple[str, ...]) -> None:
    """A user would copy an example that is refused, or find none."""
    command = COMMANDS[path]
    match = re.match(r"Example: newsquake (.*)", command.epilog or "")
    assert match, f"{' '.join(path)} has no example"
    words = shlex.split(match[1])
    given = words[len(path) :] if tuple(words[: len(path)]) == path else words[len(path) - 1 :]
    command.make_context(path[-1], given)


@pytest.mark.parametrize("columns", [80, 120])
def test_help_fits_the_terminal(columns: int) -> None:
    """The lines would break in the middle of words."""
    result = CliRunner().invoke(app, ["backtest", "--help"], env={"COLUMNS": str(columns)})
    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= columns
    assert "Example: newsquake backtest" in result.output


def test_version_is_told() -> None:
    """Whoever reports a defect could not say of which release."""
    result = CliRunner().invoke(app, ["--version"])
    assert result.exit_code == 0
    assert re.fullmatch(r"newsquake \d+\.\d+\.\d+ \(Python 3\.\d+\.\d+\)\n", result.output)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (["wach"], "No such command 'wach'"),
        (["watch", "alertz"], "'alertz' is not one of"),
        (["watch", "alerts", "--sine", "2h"], "No such option: --sine"),
        (["watch"], "Missing argument"),
        (["--confg", "a.toml", "status"], "No such option: --confg"),
        (["dlq", "show"], "Missing argument 'letter'"),
    ],
)
def test_a_wrong_command_line_is_explained_in_one_line(line: list[str], says: str) -> None:
    """A box of six lines says no more, and a log or a script can't be searched for it."""
    result = CliRunner().invoke(app, line)
    assert (result.exit_code, result.stdout) == (2, "")
    (message,) = result.stderr.splitlines()
    assert message.startswith("newsquake: ")
    assert says in message
    assert re.search(r"`[\w -]+ --help` has examples$", message)


def test_a_group_without_a_command_shows_its_help() -> None:
    """A user who asks what there is would be told that something is wrong."""
    result = CliRunner().invoke(app, ["dlq"])
    assert "replay" in result.output
    assert "newsquake: " not in result.output


@pytest.mark.parametrize(
    ("words", "completed"),
    [("newsquake bac", "backtest"), ("newsquake dlq re", "replay"), ("newsquake watch sca", "")],
)
def test_the_shell_completes_commands(words: str, completed: str) -> None:
    """The tab key would do nothing after the installation that the README names."""
    done = subprocess.run(
        [SCRIPT],
        env={
            **os.environ,
            "_NEWSQUAKE_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        },
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ([completed] if completed else [])
