"""The messages in a list of files."""

from collections.abc import Iterator, Sequence
from io import BufferedReader
from itertools import chain
from typing import Final, Literal, NamedTuple

from infra.input import mapping
from infra.input.input_files import open_input, stem
from infra.input.rows import Broken, Csv, Row, form_of, jsonl

Form = Literal["auto", "jsonl", "csv"]

_ANY: Final[mapping.Wanted] = {}


class InputMessage(NamedTuple):
    """A message or what is wrong with its row, and where it stands."""

    file: str
    line: int
    value: bytes
    problem: str | None = None


def read_messages(
    files: Sequence[str], names: mapping.Map, form: Form, wanted: mapping.Wanted = _ANY
) -> Iterator[InputMessage]:
    """What is in ``files``, in order.

    Raises:
        UsageError: a file can't be opened, or lacks a column that is mapped or ``wanted``.
        OSError: a file can't be read to its end.
    """
    for file in files:
        with open_input(file) as stream:
            for row in _rows(file, stream, names, form, wanted):
                yield _found(file, row, names)


def _rows(
    file: str, stream: BufferedReader, names: mapping.Map, form: Form, wanted: mapping.Wanted
) -> Iterator[Row | Broken]:
    first = stream.readline()
    lines = chain([first] if first else [], stream)
    if (form_of(file, first) if form == "auto" else form) == "jsonl":
        return jsonl(lines)
    table = Csv(lines)
    mapping.check_header(file, names, table.columns)
    mapping.check_columns(file, wanted, names, table.columns)
    return iter(table)


def _found(file: str, row: Row | Broken, names: mapping.Map) -> InputMessage:
    made = mapping.value(row, names, stem(file)) if isinstance(row, Row) else row
    if isinstance(made, Broken):
        return InputMessage(file, made.line, b"", made.problem)
    return InputMessage(file, row.line, made)
