"""Rows of JSONL and CSV files with their line numbers; a broken row does not end the file."""

import csv
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import orjson

if TYPE_CHECKING:
    from _csv import Reader  # its name in the type stubs

_BOM = b"\xef\xbb\xbf"


class Row(NamedTuple):
    """A row that could be read.

    Attributes:
        line: The line on which the row begins, counted from 1.
        fields: The cells or values by name.
        raw: The line of JSON, stripped; None for CSV.
    """

    line: int
    fields: dict[str, Any]
    raw: bytes | None = None


class Broken(NamedTuple):
    """A row that could not be read, and why."""

    line: int
    problem: str


def form_of(file: str, first: bytes) -> Literal["jsonl", "csv"]:
    """Return the form of ``file``, judged by its ending, else by its ``first`` line.

    A first line with a comma and no brace or bracket at its beginning is the header of a CSV file.
    In all other cases the form is JSONL.

    >>> form_of("-", b"title,date")
    'csv'
    """
    name = file.removesuffix(".gz")
    if name.endswith(".csv"):
        return "csv"
    if name.endswith((".jsonl", ".ndjson", ".json")):
        return "jsonl"
    start = first.removeprefix(_BOM).lstrip()
    return "csv" if b"," in start and not start.startswith((b"{", b"[", b'{"')) else "jsonl"


def jsonl(lines: Iterable[bytes]) -> Iterator[Row | Broken]:
    """Yield a row for each line that is not blank; each should be a JSON object."""
    for number, line in enumerate(lines, 1):
        raw = (line.removeprefix(_BOM) if number == 1 else line).strip()
        if not raw:
            continue
        try:
            fields = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            yield Broken(number, f"is not JSON: {error.msg} at column {error.colno}")
            continue
        if isinstance(fields, dict):
            yield Row(number, fields, raw)
        else:
            yield Broken(number, "is JSON, but not an object")


class CsvTable(NamedTuple):
    """A CSV file.

    Attributes:
        columns: The names in the header; empty if there is no readable header.
        rows: The rows after the header, read as they are asked for.
    """

    columns: list[str]
    rows: Iterator[Row | Broken]


def open_csv(lines: Iterable[bytes]) -> CsvTable:
    """Read the header of a CSV file (RFC 4180).

    Quoted cells may hold commas, quotes and line breaks. A byte that is not UTF-8 becomes a
    surrogate, which spoils its own row only, when that row is written as JSON.
    """
    reader = csv.reader((line.decode("utf-8", "surrogateescape") for line in lines), strict=True)
    try:
        first, *others = next(reader, [""])
    except (csv.Error, ValueError):
        return CsvTable([], iter(()))
    columns = [name.strip() for name in (first.removeprefix("\ufeff"), *others)]
    return CsvTable(columns, _csv_rows(reader, columns))


def _csv_rows(reader: "Reader", columns: list[str]) -> Iterator[Row | Broken]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Broken(line, f"is not CSV: {error}")
            continue
        if not cells:  # a blank line
            continue
        if len(cells) == len(columns):
            yield Row(line, dict(zip(columns, cells, strict=True)))
        else:
            yield Broken(line, f"has {len(cells)} cells, the header {len(columns)}")
