"""Company lists in CSV files."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nlp.classifier import ModelMissing
from nlp.companies.company_list import ListedCompany, listed_company

COLUMNS: Final = ("company", "ticker", "aliases")
_REQUIRED_COLUMNS: Final = COLUMNS[:2]
_MIN_NAME_CHARS: Final = 2
"""Letters and digits; a shorter name would be found everywhere."""
_MAX_TICKER_CHARS: Final = 200


class BadTable(ModelMissing):
    """A company list can't be used; the message names the file, the line and the remedy."""


def read(path: Path) -> list[ListedCompany]:
    """Return the companies of a user's file.

    Raises:
        BadTable: the file can't be read, or a line of it is wrong.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise BadTable(f"companies.file {path} can't be read: {reason}") from None
    return parse(text, str(path))


def parse(text: str, source: str) -> list[ListedCompany]:
    """Return the companies of a CSV text with the `COLUMNS`; ``aliases`` may be missing.

    Raises:
        BadTable: a column is missing, or a line is wrong; the message names ``source`` and line.
    """
    rows = csv.DictReader(text.splitlines(keepends=True), strict=True, skipinitialspace=True)
    companies: list[ListedCompany] = []
    try:
        missing = [name for name in _REQUIRED_COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise BadTable(
                f"{source}, line 1: no column {' and '.join(missing)}; "
                f"begin the file with {','.join(COLUMNS)}"
            )
        for row in rows:
            if problem := _problem(row):
                raise BadTable(f"{source}, line {rows.line_num}: {problem}")
            companies.append(listed_company(row["company"], row["ticker"], _aliases(row)))
    except csv.Error as error:
        line = rows.reader.line_num
        raise BadTable(f"{source}, line {line}: {error}; mend the quotes") from None
    return companies


def _problem(row: Mapping[str | None, str | None]) -> str:
    """Return what is wrong with a row and the remedy, or an empty text."""
    if None in row:
        return "more fields than columns; put several aliases between semicolons"

    company, ticker = ((row.get(name) or "").strip() for name in _REQUIRED_COLUMNS)
    if not company or not ticker.lstrip("$"):
        return f"no {'ticker' if company else 'company'}; give both, or take the line out"
    if any(char.isspace() for char in ticker) or len(ticker) > _MAX_TICKER_CHARS:
        return f"the ticker {ticker[:_MAX_TICKER_CHARS]!r} has spaces in it or is too long"

    for name in (company, *_aliases(row)):
        if sum(map(str.isalnum, name)) < _MIN_NAME_CHARS:
            return f"{name!r} is no name; it takes two letters or digits"
    return ""


def _aliases(row: Mapping[str | None, str | None]) -> list[str]:
    aliases = (row.get("aliases") or "").replace("|", ";").split(";")
    return [alias.strip() for alias in aliases if alias.strip()]
