"""Where settings come from, and what is wrong with how they were written down."""

import json
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from infra.settings.durations import seconds
from infra.settings.renamed import removed
from infra.settings.schema import NESTING, PREFIX, Names, Setting

# Kubernetes tells pods of a Service named "newsquake" about it in variables with our prefix.
_SERVICE_LINK = re.compile(
    PREFIX + r"(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP)(_\w+)?)?)"
)


@dataclass(slots=True)
class Given:
    """Values by path, where each was found as users know it, and the problems met on the way."""

    values: dict[Names, Any] = field(default_factory=dict)
    origins: dict[Names, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def give(self, path: Names, value: Any, origin: str) -> None:
        """Take a value; one from an earlier source is replaced."""
        self.values[path] = value
        self.origins[path] = origin

    def nested(self) -> dict[str, Any]:
        """The values as a tree, the way pydantic reads them."""
        tree: dict[str, Any] = {}
        for path, value in self.values.items():
            table = tree
            for name in path[:-1]:
                table = table.setdefault(name, {})
            table[path[-1]] = value
        return tree


def add_file(given: Given, file: Path, known: Mapping[Names, Setting]) -> None:
    """Read the TOML ``file`` into ``given``; a file that can't be read is a problem."""
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        given.problems.append(f"{file}: can't be read: {error.strerror}")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        given.problems.append(f"{file}: is not TOML: {_place(error)}")
    else:
        _add_table(given, file, known, (), tree)


def add_environment(
    given: Given, environ: Mapping[str, str], known: Mapping[Names, Setting]
) -> None:
    """Read the variables with our prefix from ``environ`` into ``given``."""
    variables = {setting.variable: setting for setting in known.values()}
    for name in sorted(environ):
        if name in variables:
            _add_variable(given, variables[name], environ[name])
        elif name.upper().startswith(PREFIX) and not _SERVICE_LINK.fullmatch(name):
            path = tuple(name.upper().removeprefix(PREFIX).lower().split(NESTING))
            meant = _meant(name.upper().removeprefix(PREFIX), _without_prefix(variables))
            given.problems.append(_unknown(name, path, meant and PREFIX + meant))


def _add_variable(given: Given, setting: Setting, text: str) -> None:
    try:
        value = _collection(text) if setting.collection else _single(setting, text)
    except ValueError:
        given.problems.append(f"{setting.variable}: is neither a list with commas nor JSON")
    else:
        given.give(setting.path, value, setting.variable)


def _single(setting: Setting, value: Any) -> Any:
    return seconds(value) if setting.duration else value


def _collection(text: str) -> Any:
    if text.lstrip().startswith(("[", "{")):
        return json.loads(text)
    return [part.strip() for part in text.split(",") if part.strip()]


def _add_table(
    given: Given, file: Path, known: Mapping[Names, Setting], above: Names, table: dict[str, Any]
) -> None:
    for key, value in table.items():
        path = (*above, key)
        if path in known:
            given.give(path, _single(known[path], value), f"{file}: {'.'.join(path)}")
        elif not any(it[: len(path)] == path for it in known):
            told = _unknown(".".join(path), path, _meant_key(path, known))
            given.problems.append(f"{file}: {told}")
        elif isinstance(value, dict):
            _add_table(given, file, known, path, value)
        else:
            given.problems.append(f"{file}: {'.'.join(path)}: is a table of settings, not a value")


def _meant_key(path: Names, known: Collection[Names]) -> str | None:
    *above, key = path
    siblings = {it[len(above)] for it in known if it[: len(above)] == tuple(above)}
    meant = _meant(key, siblings)
    elsewhere = next((it for it in known if it[-1] == key), None)
    return ".".join([*above, meant] if meant else elsewhere or ()) or None


def _without_prefix(variables: Collection[str]) -> list[str]:
    return [name.removeprefix(PREFIX) for name in variables]


def _meant(name: str, names: Collection[str]) -> str | None:
    return next(iter(get_close_matches(name, names, n=1)), None)


def _unknown(name: str, path: Names, meant: str | None) -> str:
    if became := removed(path):
        return f"{name}: {became}"
    return f"{name}: no such setting" + (f"; did you mean {meant}?" if meant else "")


def _place(error: ValueError) -> str:
    """Where a TOML file breaks; never what stands there, which may be a password."""
    found = re.search(r"at line \d+, column \d+|at end of document", str(error))
    return found.group() if found else "it is not UTF-8"
