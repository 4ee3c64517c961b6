"""The messages in a list of input files."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, Final, NamedTuple

import orjson

from infra.input.columns.map_option import renamed
from infra.input.forms.rows import Broken, Row
from infra.input.input_files import Opened
from infra.input.options import Headers, InputOptions
from infra.input.tables import InputFile, TableRow, inspect
from schemas.incoming.aliases import names_in

Notice = Callable[[str], None]
"""Called with each fact about a file that the user may want to correct."""

DEFAULTS: Final = InputOptions()


class InputMessage(NamedTuple):
    """A message from a row of a file, or the problem with that row.

    Attributes:
        file: The name of the file, ``-`` for standard input.
        line: The line on which the row begins, counted from 1.
        value: The message; empty if there is a problem.
        problem: The reason why the row can't be used, or None.
        headers: The headers of the message.
        warnings: What was left out or guessed before the message was made.
    """

    file: str
    line: int
    value: bytes
    problem: str | None = None
    headers: Headers = ()
    warnings: tuple[str, ...] = ()


def read_messages(
    files: Sequence[str],
    options: InputOptions = DEFAULTS,
    notice: Notice = lambda _: None,
    opened: Opened | None = None,
) -> Iterator[InputMessage]:
    """Return an iterator over the messages of ``files``, one for each row, in order.

    The headers of all files are checked before it returns; ``notice`` gets what was guessed, and
    ``opened`` each file as it is read.

    Raises:
        UsageError: A file can't be opened, or lacks a column that is mapped or wanted.
        OSError: A file can't be read to its end; raised while iterating, too.
    """
    with ExitStack() as stack:
        inspected = [stack.enter_context(inspect(file, options)) for file in files]
        for file in inspected:
            for text in file.notices():
                notice(f"{file.name}: {text}")
        pipes = stack.pop_all()
    return messages_of(inspected, options, pipes, opened)


def messages_of(
    files: Sequence[InputFile],
    options: InputOptions,
    pipes: ExitStack,
    opened: Opened | None = None,
) -> Iterator[InputMessage]:
    """Yield the messages of inspected files; close the ``pipes`` that are open."""
    with pipes:
        for file in files:
            warnings = file.warnings
            for row in file.rows(opened):
                value = message_value(row, options)
                if isinstance(value, Broken):
                    yield InputMessage(file.name, value.line, b"", value.problem)
                else:
                    yield InputMessage(file.name, row.line, value, None, options.headers, warnings)


def message_value(row: Row | TableRow | Broken, options: InputOptions) -> bytes | Broken:
    """Return the message for ``row``: its own bytes if nothing changes them, else JSON."""
    if isinstance(row, Broken):
        return row
    if isinstance(row, TableRow):
        return _dumped(row.line, row.fields)
    if row.raw is not None and not options.mapping and not options.dates.changes:
        return row.raw
    fields = renamed(row.fields, options.mapping)
    headline = options.mapping.get("headline")
    if headline and "headline" not in names_in(fields):
        return Broken(row.line, f"has no {headline}, which is mapped to headline")
    if options.dates.changes:
        for name in names_in(fields).get("published", ()):
            fields[name] = options.dates.explicit(fields[name])
    return _dumped(row.line, fields)


def _dumped(line: int, fields: dict[str, Any]) -> bytes | Broken:
    try:
        return orjson.dumps(fields)
    except TypeError:  # lone surrogates, or integers beyond 64 bits
        return Broken(line, "is not UTF-8; say with --encoding what it is, such as cp1252")
