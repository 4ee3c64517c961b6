"""The page of all settings."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from infra.settings.model import Settings
from infra.settings.schema import settings_of, value_at
from infra.settings.secret_files import settings_with_files
from tools.reference.forms import form
from tools.reference.markdown import cell, code, page, table

_UNITS: Final = (("d", 86_400), ("h", 3_600), ("m", 60))
_INTRODUCTION: Final = """\
A setting has a name in the environment and one in a TOML file, which `--config FILE` names; the
environment wins. `newsquake config show` prints each with its value and its origin. Durations are
written `90s`, `10m`, `24h` or `7d`; lists with commas, or as JSON, and objects as JSON. A name that
does not exist is an error that says what was meant.

Each secret can also be read from a file, under a second name that ends with `_FILE`
([security](../security.md))."""


def settings_page() -> str:
    """Return the page: a table for each group, with name, type, default, and meaning."""
    schema = Settings.model_json_schema()
    groups: dict[str, list[list[str]]] = {}
    secrets = {setting.path for setting in settings_with_files(settings_of(Settings)).values()}
    defaults = Settings()
    for path, setting in settings_of(Settings).items():
        field = _field(schema, path)
        words = f"{field.get('description', '')} {_file(setting.variable, path in secrets)}"
        default = default_text(value_at(defaults, path))
        names = f"{code(setting.variable)}<br>{code(setting.name)}"
        row = [names, form(_without_refs(field)), code(default), cell(words)]
        groups.setdefault(path[0], []).append(row)
    return page("Settings", _INTRODUCTION, *_groups(schema, groups))


def default_text(value: Any) -> str:
    """Return a value as people write it.

    >>> default_text(timedelta(days=7)), default_text(60.0), default_text(("a", "b"))
    ('7d', '60', 'a,b')
    """
    if isinstance(value, timedelta):
        whole = value.total_seconds()
        name, unit = next(
            ((name, unit) for name, unit in _UNITS if whole and whole % unit == 0), ("s", 1)
        )
        return f"{whole / unit:g}{name}"
    if isinstance(value, bool | float):
        return str(value).lower().removesuffix(".0")
    if isinstance(value, tuple | list):
        return ",".join(default_text(item) for item in value)
    if hasattr(value, "get_secret_value") or value is None or value == {}:
        return ""
    return str(value).replace("'", '"') if isinstance(value, dict) else str(value)


def _groups(schema: dict[str, Any], groups: dict[str, list[list[str]]]) -> Iterator[str]:
    for group, rows in groups.items():
        yield f"## {group}"
        words = str(_field(schema, (group,)).get("description", ""))
        if words and not words.startswith("Usage"):
            yield cell(words.partition("\n\n")[0])
        yield table(["setting", "type", "default", "meaning"], rows)


def _field(schema: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """Return the schema of the setting at a path, with what its model says of itself."""
    node = schema
    for name in path:
        node = _resolved(schema, node)["properties"][name]
    return {**_resolved(schema, node), **node} if len(path) == 1 else node


def _resolved(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference refers to, also where the value may be missing."""
    options = [node, *node.get("anyOf", ()), *node.get("allOf", ())]
    reference = next((option["$ref"] for option in options if "$ref" in option), None)
    return schema["$defs"][reference.rpartition("/")[2]] if reference else node


def _without_refs(field: dict[str, Any]) -> dict[str, Any]:
    """Return the field with a plain object in place of tables that other pages describe."""
    return field if "$defs/" not in str(field) else {"type": "object"}


def _file(variable: str, is_secret: bool) -> str:
    return f"Or a file: `{variable}_FILE`." if is_secret else ""
