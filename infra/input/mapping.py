"""Mapping of the columns of a user's file to the field names that the pipeline reads."""

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

import orjson

from infra.input.rows import Broken, Row
from infra.usage_error import UsageError
from schemas.incoming.aliases import ALIASES

FIELDS: Final = tuple(ALIASES)
"""The fields of an article that can be mapped."""

Map = Mapping[str, str]
"""Field name to the name of the column that holds it."""

Wanted = Mapping[str, Sequence[str]]
"""Required field to the column names that are recognised without a mapping."""


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


def check_header(file: str, mapping: Map, columns: Collection[str]) -> None:
    """Check that a CSV file has a header with all mapped columns.

    Raises:
        UsageError: Some columns are missing, or the file has no header.
    """
    if not any(columns):
        raise UsageError(f"{file}: has no header with the names of the columns")
    missing = [column for column in mapping.values() if column not in columns]
    if missing:
        raise UsageError(
            f"{file}: has no column {', '.join(missing)}; the columns are {', '.join(columns)}"
        )


def check_columns(file: str, wanted: Wanted, mapping: Map, columns: Collection[str]) -> None:
    """Check that a CSV file has a column for each of the ``wanted`` fields, by mapping or by name.

    Raises:
        UsageError: A field has no column; the message says how to map one.
    """
    for field, names in wanted.items():
        if field not in mapping and not any(name in columns for name in names):
            raise UsageError(
                f"{file}: no column is called {' or '.join(names)}; say which one is meant with "
                f"--map {field}=COLUMN; the columns are {', '.join(columns)}"
            )


def to_message(row: Row, mapping: Map, source: str | None) -> bytes | Broken:
    """Return the message for ``row``: its own bytes if nothing is mapped, else JSON.

    Columns that are not mapped keep their names. A row without a source gets ``source``, except a
    line of JSON that is sent unchanged.
    """
    if row.raw is not None and not mapping:
        return row.raw
    missing = [column for column in mapping.values() if column not in row.fields]
    if missing:
        return Broken(row.line, f"has no {', '.join(missing)}")

    mapped_columns = set(mapping.values())
    fields = {name: cell for name, cell in row.fields.items() if name not in mapped_columns}
    fields |= {field: row.fields[column] for field, column in mapping.items()}
    if source and not fields.get("source"):
        fields["source"] = source
    try:
        return orjson.dumps(fields)
    except TypeError:  # lone surrogates, the only content of rows that JSON can't hold
        return Broken(row.line, "is not UTF-8")
