"""Kinds of labelled texts, by columns that a file may have: event, source, number of companies."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

COLUMNS: Final = ("event", "source", "companies")
"""Columns by which texts are sliced; a file may have any of them."""
UNNAMED: Final = "not named"
"""Kind of a text whose cell is empty."""
_MANY_COMPANIES: Final = 3
_SEPARATORS: Final = re.compile(r"\s*[,;|]\s*")

Kinds = Mapping[str, Sequence[str]]
"""The kind of each row, by column, for the columns that a file has."""


def kinds_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the kind of each row, by each of `COLUMNS` that at least one row has."""
    present = [column for column in COLUMNS if any(row.get(column) is not None for row in rows)]
    return {column: [kind(column, row.get(column)) for row in rows] for column in present}


def kind(column: str, cell: object) -> str:
    """Return the kind of a text that a cell of one of `COLUMNS` says."""
    if column == "companies":
        companies = count_companies(cell)
        many = companies >= _MANY_COMPANIES
        return f"{_MANY_COMPANIES} or more" if many else str(companies)
    return str(cell).strip() if cell is not None and str(cell).strip() else UNNAMED


def count_companies(cell: object) -> int:
    """Return the number of companies in a cell: a number, a list, or names between separators.

    >>> [count_companies(cell) for cell in (2, "3", ["AAPL"], '["AAPL", "F"]', "AAPL; F", "", None)]
    [2, 3, 1, 2, 2, 0, 0]
    """
    if isinstance(cell, int | float):
        return int(cell)
    if isinstance(cell, str):
        text = cell.strip()
        if text.isdecimal():
            return int(text)
        if text.startswith("["):
            try:
                return count_companies(orjson.loads(text))
            except orjson.JSONDecodeError:
                text = text.strip("[]")
        return sum(bool(name) for name in _SEPARATORS.split(text))
    return len(cell) if isinstance(cell, list | dict) else 0
