"""Rows of JSONL and CSV with the lines they began on; a broken row does not end the file."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

import orjson

_BOM = b"\xef\xbb\xbf"


class Row(NamedTuple):
    """A row that could be read; ``raw`` is the line of JSON it came from."""

    line: int
    fields: dict[str, Any]
    raw: bytes | None = None


class Broken(NamedTuple):
    """A row that could not."""

    line: int
    problem: str


def form_of(file: str, first: bytes) -> Literal["jsonl", "csv"]:
    """Which of the two ``file`` is: by its ending, else CSV if ``first`` looks like a header.

    A header has a comma and no brace or bracket at its beginning. When in doubt it is JSONL.

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
    """A row for each line that is a JSON object; blank lines are nothing."""
    for number, line in enumerate(lines, 1):
        raw = (line.removeprefix(_BOM) if number == 1 else line).strip()
        if raw:
            yield _object(number, raw)


def _object(number: int, raw: bytes) -> Row | Broken:
    try:
        fields = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return Broken(number, f"is not JSON: {error.msg} at column {error.colno}")
    if not isinstance(fields, dict):
        return Broken(number, "is JSON, but not an object")
    return Row(number, fields, raw)


class Csv:
    """The rows after a header, RFC 4180: quoted fields may hold commas, quotes and line breaks.

    ``columns`` are the header's names; empty when there is no header or it is not readable.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._reader = csv.reader(map(_text, lines), strict=True)
        self.columns = self._header()

    def __iter__(self) -> Iterator[Row | Broken]:
        while True:
            line = self._reader.line_num + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Broken(line, f"is not CSV: {error}")
            else:
                if cells:
                    yield self._row(line, cells)

    def _header(self) -> list[str]:
        try:
            first, *rest = next(self._reader, [""])
        except (csv.Error, ValueError):
            return []
        return [name.strip() for name in (first.removeprefix("\ufeff"), *rest)]

    def _row(self, line: int, cells: list[str]) -> Row | Broken:
        if len(cells) != len(self.columns):
            return Broken(line, f"has {len(cells)} cells, the header {len(self.columns)}")
        return Row(line, dict(zip(self.columns, cells, strict=True)))


def _text(line: bytes) -> str:
    # A stray byte spoils its own row only, when that is written as JSON.
    return line.decode("utf-8", "surrogateescape")
