"""Lists of companies, read from CSV."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from nlp.classifier import ModelMissing
from nlp.companies.company_list import Known, known

COLUMNS: Final = ("company", "ticker", "aliases")
_LEAST_NAME: Final = 2
_LONGEST: Final = 200


class BadTable(ModelMissing):
    """A list of companies can't be used: the message names the file, the line and the remedy."""


def read(path: Path) -> list[Known]:
    """The companies of a user's file.

    Raises:
        BadTable: it can't be read, or a line of it is wrong.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        said = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise BadTable(f"companies.file {path} can't be read: {said}") from None
    return parse(text, str(path))


def parse(text: str, where: str) -> list[Known]:
    """The companies of a CSV text with the `COLUMNS`, of which ``aliases`` may be missing.

    Raises:
        BadTable: a column is missing, or a line is wrong; ``where`` and its number are told.
    """
    rows = csv.DictReader(text.splitlines(keepends=True), strict=True, skipinitialspace=True)
    try:
        _check_header(rows.fieldnames or (), where)
        return list(_companies(rows, where))
    except csv.Error as error:
        raise BadTable(f"{where}, line {rows.reader.line_num}: {error}; mend the quotes") from None


def _companies(rows: "csv.DictReader[str]", where: str) -> Iterator[Known]:
    for row in rows:
        if problem := _problem(row):
            raise BadTable(f"{where}, line {rows.line_num}: {problem}")
        aliases = (row.get("aliases") or "").replace("|", ";").split(";")
        yield known(row["company"], row["ticker"], aliases)


def _check_header(found: Iterable[str], where: str) -> None:
    missing = [name for name in COLUMNS[:2] if name not in found]
    if missing:
        raise BadTable(
            f"{where}, line 1: no column {' and '.join(missing)}; "
            f"begin the file with {','.join(COLUMNS)}"
        )


def _problem(row: Mapping[str | None, str | None]) -> str:
    if None in row:
        return "more fields than columns; put several aliases between semicolons"
    company, ticker, aliases = ((row.get(name) or "").strip() for name in COLUMNS)
    if not company or not ticker.lstrip("$"):
        return f"no {'ticker' if company else 'company'}; give both, or take the line out"
    if any(sign.isspace() for sign in ticker) or len(ticker) > _LONGEST:
        return f"the ticker {ticker[:_LONGEST]!r} has spaces in it or is too long"
    short = [name for name in (company, *_split(aliases)) if not _is_name(name)]
    return f"{short[0]!r} is no name; it takes two letters or digits" if short else ""


def _split(aliases: str) -> list[str]:
    return [name.strip() for name in aliases.replace("|", ";").split(";") if name.strip()]


def _is_name(name: str) -> bool:
    return sum(map(str.isalnum, name)) >= _LEAST_NAME
