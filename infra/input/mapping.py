"""From the columns of somebody's file to the names that the pipeline reads."""

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

import orjson

from infra.input.rows import Broken, Row
from infra.usage_error import UsageError
from schemas.incoming.aliases import ALIASES

FIELDS: Final = (*ALIASES, "id")

Map = Mapping[str, str]
"""Field of an article to the column that it comes from."""
Wanted = Mapping[str, Sequence[str]]
"""Field that a file must have to the names by which a column is taken for it."""


def parsed(text: str, fields: Sequence[str] = FIELDS, of: str = "articles") -> Map:
    """Read ``headline=title,published=date``.

    Raises:
        UsageError: it has another form, names a field twice, or one that is not among ``fields``.
    """
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    for field, equals, column in pairs:
        _check(field.strip(), equals and column.strip(), fields, of)
    mapping = {field.strip(): column.strip() for field, _, column in pairs}
    if len(mapping) < len(pairs):
        raise UsageError("--map: names a field twice")
    return mapping


def _check(field: str, column: str, fields: Sequence[str], of: str) -> None:
    if not field or not column:
        raise UsageError(f"--map: should look like {fields[0]}=a,{fields[1]}=b")
    if field not in fields:
        meant = get_close_matches(field, fields, n=1)
        hint = f"; did you mean {meant[0]}?" if meant else f"; there are {', '.join(fields)}"
        raise UsageError(f"--map: {of} have no field {field!r}{hint}")


def check_header(file: str, mapping: Map, columns: Collection[str]) -> None:
    """Check that a CSV file has the columns.

    Raises:
        UsageError: some are missing, or it has no header.
    """
    if not any(columns):
        raise UsageError(f"{file}: has no header with the names of the columns")
    missing = [column for column in mapping.values() if column not in columns]
    if missing:
        raise UsageError(
            f"{file}: has no column {', '.join(missing)}; the columns are {', '.join(columns)}"
        )


def check_columns(file: str, wanted: Wanted, mapping: Map, columns: Collection[str]) -> None:
    """Check that each of the ``wanted`` fields of a CSV file has a column, mapped or by its name.

    Raises:
        UsageError: one has none; the message says what to give.
    """
    for field, names in wanted.items():
        if field not in mapping and not any(name in columns for name in names):
            raise UsageError(
                f"{file}: no column is called {' or '.join(names)}; say which one is meant with "
                f"--map {field}=COLUMN; the columns are {', '.join(columns)}"
            )


def value(row: Row, mapping: Map, source: str | None) -> bytes | Broken:
    """The message for ``row``: its own bytes when nothing is to be changed, else JSON.

    Columns that are not mapped stay as they are. A row without a source gets ``source``; a line
    of JSON that is sent as it is does not.
    """
    if row.raw is not None and not mapping:
        return row.raw
    missing = [column for column in mapping.values() if column not in row.fields]
    if missing:
        return Broken(row.line, f"has no {', '.join(missing)}")
    fields = _renamed(row, mapping)
    if source and not fields.get("source"):
        fields["source"] = source
    try:
        return orjson.dumps(fields)
    except TypeError:  # the only thing that rows hold and JSON can't: lone surrogates
        return Broken(row.line, "is not UTF-8")


def _renamed(row: Row, mapping: Map) -> dict[str, object]:
    used = set(mapping.values())
    named = {field: row.fields[column] for field, column in mapping.items()}
    return {**{name: it for name, it in row.fields.items() if name not in used}, **named}
