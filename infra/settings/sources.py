"""Readers of settings from a TOML file and from the environment."""

import json
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from infra.settings.renamed import explain_removal
from infra.settings.schema import NESTING, PREFIX, Setting, SettingPath
from infra.settings.secret_files import BadSecretFile, read_secret, settings_with_files
from schemas.durations import seconds

# Kubernetes adds variables with our prefix to pods when a Service is named "newsquake".
_SERVICE_LINK = re.compile(
    PREFIX + r"(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP)(_\w+)?)?)"
)

Settable = Mapping[SettingPath, Setting]
"""All settings that exist, by path."""


@dataclass(slots=True)
class Assignments:
    """The values that users wrote down.

    Attributes:
        values: Value by path.
        origins: The variable or the key in a file from which each value came, as users know it.
        problems: A line for each thing that is wrong.
    """

    values: dict[SettingPath, Any] = field(default_factory=dict)
    origins: dict[SettingPath, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def assign(self, path: SettingPath, value: Any, origin: str) -> None:
        """Set a value; it replaces one from an earlier source."""
        self.values[path] = value
        self.origins[path] = origin

    def assign_secret(self, path: SettingPath, file: Any, origin: str) -> None:
        """Set a secret to the content of ``file``; one that can't be used is a problem."""
        try:
            self.assign(path, read_secret(Path(str(file))), f"{origin}: {file}")
        except BadSecretFile as problem:
            self.problems.append(f"{origin}: {problem}")

    def nested(self) -> dict[str, Any]:
        """Return the values as a tree, the form that pydantic validates."""
        tree: dict[str, Any] = {}
        for path, value in self.values.items():
            table = tree
            for name in path[:-1]:
                table = table.setdefault(name, {})
            table[path[-1]] = value
        return tree


def add_file(assignments: Assignments, file: Path, settable: Settable) -> None:
    """Add the settings in the TOML ``file``; a file that can't be read is a problem."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        assignments.problems.append(f"{file}: can't be read: {error.strerror}")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # Quote the position only: the text there may be a password.
        position = re.search(r"at line \d+, column \d+|at end of document", str(error))
        reason = position.group() if position else "it is not UTF-8"
        assignments.problems.append(f"{file}: is not TOML: {reason}")
    else:
        _add_table(assignments, file, settable, (), table)


def add_environment(
    assignments: Assignments, environ: Mapping[str, str], settable: Settable
) -> None:
    """Add the settings in the variables of ``environ`` that have our prefix."""
    settings = {setting.variable: setting for setting in settable.values()}
    files = {
        PREFIX + NESTING.join(path).upper(): setting
        for path, setting in settings_with_files(settable).items()
    }
    short_names = [variable.removeprefix(PREFIX) for variable in settings]
    for variable in sorted(environ):
        if variable in settings:
            _add_variable(assignments, settings[variable], environ[variable])
        elif variable in files:
            secret = files[variable]
            if environ.get(secret.variable):
                assignments.problems.append(f"{variable}: {secret.variable} is set too: set one")
            assignments.assign_secret(secret.path, environ[variable], variable)
        elif variable.upper().startswith(PREFIX) and not _SERVICE_LINK.fullmatch(variable):
            short_name = variable.upper().removeprefix(PREFIX)
            path = tuple(short_name.lower().split(NESTING))
            suggestion = _closest(short_name, short_names)
            problem = _unknown(variable, path, suggestion and PREFIX + suggestion)
            assignments.problems.append(problem)


def _add_variable(assignments: Assignments, setting: Setting, text: str) -> None:
    value: Any = text
    try:
        if setting.is_collection:
            if text.lstrip().startswith(("[", "{")):
                value = json.loads(text)
            else:
                value = [item.strip() for item in text.split(",") if item.strip()]
        elif setting.is_duration:
            value = seconds(text)
    except ValueError:
        problem = f"{setting.variable}: is neither a list with commas nor JSON"
        assignments.problems.append(problem)
    else:
        assignments.assign(setting.path, value, setting.variable)


def _add_table(
    assignments: Assignments,
    file: Path,
    settable: Settable,
    parent: SettingPath,
    table: dict[str, Any],
) -> None:
    files = settings_with_files(settable)
    for key, value in table.items():
        path = (*parent, key)
        name = ".".join(path)
        if path in settable:
            converted = seconds(value) if settable[path].is_duration else value
            assignments.assign(path, converted, f"{file}: {name}")
        elif path in files:
            if files[path].path[-1] in table:
                assignments.problems.append(f"{file}: {name}: {files[path].name} is set too")
            assignments.assign_secret(files[path].path, value, f"{file}: {name}")
        elif not any(existing[: len(path)] == path for existing in settable):
            problem = _unknown(name, path, _closest_key(path, settable))
            assignments.problems.append(f"{file}: {problem}")
        elif isinstance(value, dict):
            _add_table(assignments, file, settable, path, value)
        else:
            assignments.problems.append(f"{file}: {name}: is a table of settings, not a value")


def _closest_key(path: SettingPath, existing: Collection[SettingPath]) -> str | None:
    """Return the name of a sibling with a similar key, else of a setting with the same key."""
    *parent, key = path
    depth = len(parent)
    siblings = {other[depth] for other in existing if other[:depth] == tuple(parent)}
    if sibling := _closest(key, siblings):
        return ".".join([*parent, sibling])
    elsewhere = next((other for other in existing if other[-1] == key), None)
    return ".".join(elsewhere) if elsewhere else None


def _closest(name: str, names: Collection[str]) -> str | None:
    return next(iter(get_close_matches(name, names, n=1)), None)


def _unknown(name: str, path: SettingPath, suggestion: str | None) -> str:
    if explanation := explain_removal(path):
        return f"{name}: {explanation}"
    return f"{name}: no such setting" + (f"; did you mean {suggestion}?" if suggestion else "")
