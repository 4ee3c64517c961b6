"""The messages in a list of input files."""

from collections.abc import Iterator, Sequence
from io import BufferedReader
from itertools import chain
from typing import Final, Literal, NamedTuple

from infra.input import mapping
from infra.input.input_files import open_input, stem
from infra.input.rows import Broken, Row, form_of, jsonl, open_csv

Form = Literal["auto", "jsonl", "csv"]

_NO_FIELDS: Final[mapping.Wanted] = {}


class InputMessage(NamedTuple):
    """A message from a row of a file, or the problem with that row.

    Attributes:
        file: The name of the file, ``-`` for standard input.
        line: The line on which the row begins, counted from 1.
        value: The message; empty if there is a problem.
        problem: The reason why the row can't be used, or None.
    """

    file: str
    line: int
    value: bytes
    problem: str | None = None


def read_messages(
    files: Sequence[str], names: mapping.Map, form: Form, wanted: mapping.Wanted = _NO_FIELDS
) -> Iterator[InputMessage]:
    """Yield a message for each row of ``files``, in order; ``names`` maps fields to columns.

    Raises:
        UsageError: A file can't be opened, or lacks a column that is mapped or ``wanted``.
        OSError: A file can't be read to its end.
    """
    for file in files:
        with open_input(file) as stream:
            for row in _rows(file, stream, names, form, wanted):
                value = mapping.to_message(row, names, stem(file)) if isinstance(row, Row) else row
                if isinstance(value, Broken):
                    yield InputMessage(file, value.line, b"", value.problem)
                else:
                    yield InputMessage(file, row.line, value)


def _rows(
    file: str, stream: BufferedReader, names: mapping.Map, form: Form, wanted: mapping.Wanted
) -> Iterator[Row | Broken]:
    first = stream.readline()
    lines = chain([first] if first else [], stream)
    if (form_of(file, first) if form == "auto" else form) == "jsonl":
        return jsonl(lines)
    table = open_csv(lines)
    mapping.check_header(file, names, table.columns)
    mapping.check_columns(file, wanted, names, table.columns)
    return table.rows
