"""Rows of CSV files (RFC 4180, with other delimiters too).

A quote that is never closed would swallow all rows up to the next quote. Such a row is named, and
reading goes on with the line after the one on which it begins.
"""

import csv
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from infra.input.encoding import UTF_8_BOM
from infra.input.forms.dialect import Dialect
from infra.input.forms.rows import MAX_ROW_BYTES, Broken

MAX_CELL_CHARACTERS: Final = 4 << 20
"""Characters of a cell; a record of the pipeline has fewer."""
_TOO_LONG: Final = "\0too long"
_DATE: Final = re.compile(
    r"\s*[\"']?(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{8,19}\b"
    r"|(?:[A-Za-z]{3}, )?\d{1,2} [A-Za-z]{3} \d{4}|[A-Za-z]{3,9} \d{1,2}, \d{4})"
)
"""The beginning of a cell that holds a time."""
_MIN_SHARE_OF_DATES: Final = 0.9
"""Lines of a cell with a date in one column, above which the lines are rows."""


class Cells(NamedTuple):
    """The cells of a row and the line on which it begins."""

    line: int
    cells: list[str]


class CsvTable(NamedTuple):
    """A CSV file.

    Attributes:
        columns: The names in the header; empty if there is no readable header.
        rows: The rows after the header, read as they are asked for.
    """

    columns: list[str]
    rows: Iterator[Cells | Broken]


def open_csv(lines: Iterable[bytes | None], dialect: Dialect) -> CsvTable:
    """Read the header of a CSV file.

    A byte that is not UTF-8 becomes a surrogate, which spoils its own row only, when that row is
    written as JSON.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    source = _Lines(lines, dialect.lines_before)
    try:
        header = next(dialect.reader(source), [""])
    except csv.Error:
        return CsvTable([], iter(()))
    columns = [name.strip() for name in header]
    return CsvTable(columns, rows_after_header(source, dialect, len(columns)))


class _Lines:
    """The lines of a file as text, which can be taken back.

    Attributes:
        row: The lines taken since `begin_row`.
        number: The number of the last line taken.
    """

    def __init__(self, lines: Iterable[bytes | None], skipped: int) -> None:
        self._lines = iter(lines)
        self._taken_back: deque[str] = deque()
        self._characters = 0
        self.row: list[str] = []
        self.number = 0
        for _ in range(skipped):
            next(self, None)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self._taken_back:
            line = self._taken_back.popleft()
        else:
            value = next(self._lines)
            if self.number == 0 and value:
                value = value.removeprefix(UTF_8_BOM)
            line = _TOO_LONG if value is None else value.decode("utf-8", "surrogateescape")
        self.number += 1
        self.row.append(line)
        self._characters += len(line)
        if line is _TOO_LONG or (self._characters > MAX_CELL_CHARACTERS and len(self.row) > 1):
            raise csv.Error(_TOO_LONG)
        return line

    def begin_row(self) -> int:
        """Forget the lines of the row before; return the number of the next line."""
        self.row.clear()
        self._characters = 0
        return self.number + 1

    def take_back(self) -> None:
        """Take back all lines of the row but the first."""
        rest = self.row[1:]
        self.number -= len(rest)
        self._taken_back.extendleft(reversed(rest))


def rows_after_header(lines: _Lines, dialect: Dialect, width: int) -> Iterator[Cells | Broken]:
    """Yield the rows behind the header; take back the lines of one that swallows others."""
    reader = dialect.reader(lines)
    while True:
        number = lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Broken(number, problem_of(lines.row, error, dialect.quote))
            lines.take_back()
            continue
        if len(lines.row) > 1 and has_swallowed(lines.row, cells, dialect, width):
            yield Broken(number, _unclosed(dialect.quote))
            lines.take_back()
        elif cells:
            yield Cells(number, cells)


def problem_of(row: Sequence[str], error: csv.Error, quote: str) -> str:
    """Return what is wrong with a row that the reader refuses."""
    if row and row[0] is _TOO_LONG:
        return f"is longer than {MAX_ROW_BYTES >> 20} MiB"
    if len(row) > 1 or "unexpected end" in str(error):
        return _unclosed(quote)
    if "field larger" in str(error):
        return f"has a cell of more than {MAX_CELL_CHARACTERS} characters"
    return f"is not CSV: {error}; write a quote inside a quoted cell twice"


def _unclosed(quote: str) -> str:
    return f"opens a quote ({quote}) that is not closed; close it, or write it twice"


def has_swallowed(row: Sequence[str], cells: Sequence[str], dialect: Dialect, width: int) -> bool:
    """Return whether a cell of several lines holds rows, and not a text of several lines.

    It does if the row has too many cells, or if the lines are rows by themselves: with a date in
    the same column.
    """
    if any(cells[width:]):
        return True
    written = [line for line in row if line.strip()]
    try:
        (*first, last), *others = [next(dialect.reader([line], strict=False)) for line in written]
    except csv.Error:
        return False
    parsed = [[*first, *last.split(dialect.delimiter)], *others]
    dates = Counter(
        column for line in parsed for column, cell in enumerate(line) if _DATE.match(cell)
    )
    return any(
        column < len(parsed[0]) > 1
        and _DATE.match(parsed[0][column])
        and count >= _MIN_SHARE_OF_DATES * len(parsed)
        for column, count in dates.items()
    )
