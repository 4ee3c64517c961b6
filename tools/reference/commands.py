"""The page of all commands, from what `--help` says."""

import re
from collections.abc import Iterator
from typing import Any, Final

import typer

from cli.main import app
from tools.reference.markdown import cell, code, page, table

_INTRODUCTION: Final = """\
In a checkout write `uv run` before each. `newsquake COMMAND --help` says the same in a terminal.
Every command takes `--config FILE`, a TOML file with [settings](settings.md); `newsquake --version`
prints the release, and `newsquake --install-completion` lets the tab key complete commands."""
_FORMS: Final = {
    "str": "text",
    "int": "whole number",
    "int range": "whole number",
    "float": "number",
    "float range": "number",
    "path": "path",
    "list[str]": "texts",
    "file": "path",
    "list[Path]": "paths",
}
_OURS: Final = {"help", "install_completion", "show_completion"}


def commands_page() -> str:
    """Return the page: what each command does, its arguments and options, and an example."""
    root = typer.main.get_command(app)
    parts = [
        part for words, command in commands(root, ("newsquake",)) for part in _parts(words, command)
    ]
    return page("Commands", _INTRODUCTION, *parts)


def commands(group: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each command that does something, with the words that call it."""
    for name, command in group.commands.items():
        if getattr(command, "commands", None):
            if command.invoke_without_command:
                yield (*path, name), command
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def _parts(words: tuple[str, ...], command: Any) -> Iterator[str]:
    name, context = " ".join(words), typer.Context(command)
    yield f"## {name}"
    yield from map(cell, re.split(r"\n\s*\n", command.help or ""))
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [
        each
        for each in command.params
        if each.param_type_name == "option" and not each.hidden and each.name not in _OURS
    ]
    if arguments:
        yield table(
            ["argument", "type", "default", "meaning"], [_row(each, context) for each in arguments]
        )
    if options:
        yield table(
            ["option", "type", "default", "meaning"], [_row(each, context) for each in options]
        )
    if command.epilog:
        _, _, example = command.epilog.partition("Example: ")
        yield f"```sh\n{example}\n```"


def _row(parameter: Any, context: typer.Context) -> list[str]:
    is_argument = parameter.param_type_name == "argument"
    names = [parameter.name.upper()] if is_argument else parameter.opts + parameter.secondary_opts
    is_flag = getattr(parameter, "is_bool_flag", False)
    kind = parameter.display_type(context).strip("<>")
    form = "" if is_flag else _FORMS.get(kind) or code(kind)
    default = "required" if parameter.required else _default(parameter)
    return [", ".join(map(code, names)), form, default, cell(parameter.help or "")]


def _default(parameter: Any) -> str:
    value = parameter.default
    if value is None or value is False or value == "" or callable(value):
        return ""
    if value is True:
        return code(parameter.opts[0])
    return code(",".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
