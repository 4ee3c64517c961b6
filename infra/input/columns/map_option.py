"""The option ``--map``: which columns or JSON fields hold the fields of an article."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from infra.usage_error import UsageError
from schemas.incoming.aliases import ALIASES

FIELDS: Final = tuple(ALIASES)
"""The fields of an article that can be mapped."""

Map = Mapping[str, str]
"""Field name to the name of the column that holds it."""


def parsed(text: str, fields: Sequence[str] = FIELDS, row_kind: str = "articles") -> Map:
    """Parse ``headline=title,published=date``; ``row_kind`` names the rows in error messages.

    Raises:
        UsageError: The text has another form, or names a field twice or one not in ``fields``.
    """
    mapping: dict[str, str] = {}
    for pair in text.split(","):
        if not pair.strip():
            continue
        field, _, column = (word.strip() for word in pair.partition("="))
        if not field or not column:
            raise UsageError(f"--map: should look like {fields[0]}=a,{fields[1]}=b")
        if field not in fields:
            close = get_close_matches(field, fields, n=1)
            hint = f"did you mean {close[0]}?" if close else f"the fields are {', '.join(fields)}"
            raise UsageError(f"--map: {row_kind} have no field {field!r}; {hint}")
        if field in mapping:
            raise UsageError(f"--map: names the field {field} twice")
        mapping[field] = column
    return mapping


def renamed(fields: dict[str, Any], mapping: Map) -> dict[str, Any]:
    """Return the fields of a JSON object under the names that the pipeline reads.

    Fields that are not mapped keep their names, those that the object lacks are left out. A dot
    leads into an object: ``source=publisher.name``.
    """
    values = {
        field: value
        for field, column in mapping.items()
        if (value := looked_up(fields, column)) is not None
    }
    taken = set(mapping.values())
    return {name: value for name, value in fields.items() if name not in taken} | values


def looked_up(fields: dict[str, Any], path: str) -> Any:
    """Return the value of the field called ``path``, or of the one to which its dots lead."""
    if path in fields:
        return fields[path]
    node: Any = fields
    for name in path.split("."):
        node = node.get(name) if isinstance(node, dict) else None
    return node
