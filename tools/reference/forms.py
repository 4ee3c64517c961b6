"""JSON Schemas in words, for tables of fields."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tools.reference.markdown import cell, code, table

Schema = Mapping[str, Any]

_WORDS: Final = {
    "date-time": "time",
    "duration": "duration",
    "password": "secret",
    "path": "path",
    "uri": "URL",
}
_TYPES: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "null": "nothing",
    "object": "object",
    "array": "list",
}


def form(schema: Schema) -> str:
    """Return in words which values a schema allows.

    >>> form({"type": "integer", "minimum": 1, "maximum": 9})
    'whole number, 1 to 9'
    >>> form({"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}]})
    '`a`, `b`, or nothing'
    >>> form({"type": "array", "items": {"$ref": "#/$defs/Headline"}})
    'list of [Headline](#headline)'
    """
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for key in ("anyOf", "oneOf", "allOf"):
        if options := schema.get(key):
            words = list(dict.fromkeys(word for option in options for word in _words(option)))
            return " and ".join(words) if key == "allOf" else _either(words)
    if _values(schema):
        return _either(_words(schema))
    kind = schema.get("type", "anything")
    if isinstance(kind, list):
        return _either([_TYPES[each] for each in kind])
    return _of_kind(schema, kind)


def _of_kind(schema: Schema, kind: str) -> str:
    if kind == "array" and isinstance(schema.get("items"), Mapping):
        return f"list of {form(schema['items'])}"
    if kind == "object":
        return _mapping(schema)
    words = _WORDS.get(schema.get("format", "")) or _TYPES.get(kind, kind)
    return f"{words}{_bounds(schema)}"


def fields(schema: Schema, *, defaults: bool = True) -> str:
    """Return the table of the fields of a schema of an object."""
    heads = ["field", "type", *(["default"] if defaults else []), "meaning"]
    return table(heads, _rows(schema, defaults=defaults))


def _values(schema: Schema) -> list[Any]:
    return list(schema.get("enum", [schema["const"]] if "const" in schema else []))


def _words(schema: Schema) -> list[str]:
    """Return the values of a schema that lists them, else its form."""
    return [code(str(value)) for value in _values(schema)] or [form(schema)]


def _rows(schema: Schema, *, defaults: bool) -> Iterator[list[str]]:
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        default = "required" if name in required and "default" not in field else _default(field)
        words = cell(str(field.get("description", "")))
        yield [code(name), form(field), *([default] if defaults else []), words]


def _default(field: Schema) -> str:
    value = field.get("default")
    if value is None:
        return ""
    return code(str(value).lower() if isinstance(value, bool) else str(value))


def _mapping(schema: Schema) -> str:
    values = [schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()]
    inner = next((form(value) for value in values if isinstance(value, Mapping) and value), "")
    names = ", ".join(code(name) for name in schema.get("properties", {}))
    if names:
        return f"object: {names}"
    return f"object of {inner} by name" if inner else "object"


def _bounds(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f", {_number(low)} to {_number(high)}"
    words = {"at least": low, "at most": high, "above": above, "below": below}
    return "".join(
        f", {word} {_number(bound)}" for word, bound in words.items() if bound is not None
    )


def _number(bound: float) -> str:
    return f"{bound:,.0f}" if bound == int(bound) else f"{bound:g}"


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])}, or {words[-1]}"
