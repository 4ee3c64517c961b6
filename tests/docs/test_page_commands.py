"""Every command of every page: its options, settings, files and targets exist."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.command_setup import with_config_first
from cli.main import app
from infra.settings.model import Settings
from infra.settings.schema import PREFIX, settings_of
from infra.settings.secret_files import settings_with_files
from tests.docs.page_commands import OTHERS, OWN_TEST, ROOT, RUN_TOGETHER, Command, commands, read

COMMANDS = list(commands())
NEWSQUAKE = [command for command in COMMANDS if command.words[:1] == ("newsquake",)]
FOREIGN = [command for command in COMMANDS if command.words and command not in NEWSQUAKE]
SETTINGS = {setting.variable for setting in settings_of(Settings).values()} | {
    setting.variable + "_FILE" for setting in settings_with_files(settings_of(Settings)).values()
}


def name(command: Command) -> str:
    """Return what a command is called in the output: its page, its words, and how it is tried."""
    return f"{command.page}: {command.line} ({command.how})"


def parse(words: list[str]) -> None:
    """Read a command line as ``newsquake`` does, and do nothing.

    Raises:
        TyperException: The line is wrong.
    """
    words = with_config_first(words)
    if words[:1] == ["--config"]:
        words = words[2:]
    command: Any = typer.main.get_command(app)
    path = "newsquake"
    while words and words[0] in getattr(command, "commands", {}):
        command, path = command.commands[words[0]], words[0]
        words = words[1:]
    if words == ["--install-completion"]:
        assert any("--install-completion" in option.opts for option in command.params)
        return
    context = command.make_context(path, words)
    if path == "newsquake" and words:
        command.resolve_command(context, words)


@pytest.mark.parametrize("command", NEWSQUAKE, ids=name)
def test_the_command_line_takes_it(command: Command) -> None:
    """A reader would copy a command that is refused."""
    parse(list(command.words[1:]))


@pytest.mark.parametrize("command", FOREIGN, ids=name)
def test_a_command_of_others_has_a_reason_and_its_files_exist(command: Command) -> None:
    """A reader would start a script, a target or an option that does not exist."""
    assert command.how, f"say in tests/docs/page_commands.py why it is not run: {command.line}"
    program, *words = command.words
    source = ""
    if program == "make":
        source = (ROOT / "Makefile").read_text("utf-8")
        assert re.search(rf"^{words[0]}:", source, re.MULTILINE), words[0]
    elif program == "python" and words[0] == "-m":
        module = words[1].replace(".", "/")
        (file,) = [each for each in (ROOT, ROOT / "bench") if (each / f"{module}.py").exists()]
        source = (file / f"{module}.py").read_text("utf-8")
    elif program == "python" and words[0] != "gpu.zip":
        source = (ROOT / words[0]).read_text("utf-8")
        imported = re.findall(r"^(?:from|import) (\w+)", source, re.MULTILINE)
        files = [ROOT / f"bench/{each}.py" for each in imported]
        source += "".join(file.read_text("utf-8") for file in files if file.exists())
    if program == "python" and source:
        options = {word for word in words if word.startswith("--")} - {"--help"}
        assert {option for option in options if f'"{option}"' not in source} == set()
    if program == "uv":
        groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
        assert words[words.index("--group") + 1] in groups


def test_every_setting_that_is_set_exists() -> None:
    """A worker would refuse to start with the variable that a page names."""
    named = {
        variable
        for command in COMMANDS
        for variable in command.variables
        if variable.startswith(PREFIX)
    }
    assert len(named) > 10
    assert named <= SETTINGS


def test_the_lists_of_pages_and_reasons_have_nothing_more() -> None:
    """A page that was moved would not be tried any more, and nobody would see it."""
    with_commands = {command.page for command in COMMANDS}
    assert {*RUN_TOGETHER, *OWN_TEST} <= with_commands
    assert all(Path(__file__).with_name(test).exists() for test in OWN_TEST.values())
    assert len(NEWSQUAKE) > 50
    lines = [command.line for command in FOREIGN]
    tools = ("kubectl", "promtool", "docker")
    unused = [each for each in OTHERS if not any(re.match(each, line) for line in lines)]
    assert [each for each in unused if not each.strip("(").startswith(tools)] == []


def test_a_line_is_taken_apart_as_a_shell_does() -> None:
    """What stands before a command, or behind it as a comment, would be taken for its words."""
    line = "A=1 uv run --extra training newsquake train 'a b'  # minutes"
    assert read("a.md", line) == Command("a.md", ("newsquake", "train", "a b"), {"A": "1"})
    assert read("a.md", "export B='{}'") == Command("a.md", (), {"B": "{}"})


@pytest.mark.parametrize("line", ["newsquake publish a.csv --colour", "newsquake publisch a.csv"])
def test_a_wrong_line_is_seen(line: str) -> None:
    """The checks above would pass whatever stands on a page."""
    with pytest.raises(Exception, match="No such"):
        parse(list(read("a.md", line).words[1:]))
