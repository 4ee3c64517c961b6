"""The header of a CSV file, as errors tell it."""

from collections.abc import Sequence
from typing import Final

from infra.usage_error import UsageError

_MAX_COLUMNS: Final = 20
_MAX_CHARACTERS: Final = 40


def listed(columns: Sequence[str]) -> str:
    """Return the names of the columns in words; of many, or of long ones, the beginning.

    >>> listed(["Date", "Headline"])
    'the columns are Date, Headline'
    """
    shown = [
        name if len(name) <= _MAX_CHARACTERS else f"{name[:_MAX_CHARACTERS]}…"
        for name in columns[:_MAX_COLUMNS]
    ]
    others = len(columns) - len(shown)
    return f"the columns are {', '.join(shown)}{f' and {others} others' if others else ''}"


def check_is_text(file: str, columns: Sequence[str]) -> None:
    """Check that the names of the columns are text: those of a picture or an archive are not.

    Raises:
        UsageError: They are not.
    """
    if not all(name.replace("\t", " ").isprintable() for name in columns):
        raise UsageError(
            f"{file}: begins with bytes that are no text: it must be CSV, JSON, RSS or Atom, also "
            "with gzip; --encoding says how letters are written, if it is text"
        )
