"""Rows of input files with their line numbers; a broken row does not end the file."""

from typing import Any, Final, NamedTuple

MAX_ROW_BYTES: Final = 16 << 20
"""A longer row is named and skipped, so that no file can fill the memory."""


class Row(NamedTuple):
    """A row that could be read.

    Attributes:
        line: The line on which the row begins, counted from 1.
        fields: The cells or values by name.
        raw: The JSON as it stands in the file; None for other forms.
    """

    line: int
    fields: dict[str, Any]
    raw: bytes | None = None


class Broken(NamedTuple):
    """A row that could not be read, and why; ``problem`` begins with a verb."""

    line: int
    problem: str
