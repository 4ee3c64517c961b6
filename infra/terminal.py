"""Text for terminals: an alert's numbers as a phrase, and text that is safe and fits."""

import shutil
import sys
import textwrap
from typing import Final, TextIO

from schemas.alert import Alert

_MIN_COLUMNS: Final = 40
_INDENT: Final = 4


def alert_summary(alert: Alert) -> str:
    """Return the counts since the alert's onset next to the expected ones, and how bad it is."""
    worst = alert.news_severity
    return (
        f"{alert.volume:.0f} stories, usually {alert.expected_volume:.1f}; "
        f"{alert.negative_share:.0%} negative, usually {alert.expected_share:.0%}"
        f"{'' if worst is None else f'; severity up to {worst:.1f} of 3'}"
    )


def sources_text(alert: Alert) -> str:
    """Return the number of an alert's sources in words."""
    return f"{alert.sources} source{'' if alert.sources == 1 else 's'}"


def printable(text: str) -> str:
    """Return ``text`` with each control character and line break replaced by U+FFFD."""
    return "".join(character if character.isprintable() else "�" for character in text)


def fitted(line: str, stream: TextIO | None = None) -> str:
    """Return a line as it is; on a terminal broken at blanks, where the terminal would cut words.

    Programs that read the output get a line each. The output is ``stream``, or else stdout.
    """
    if not (stream or sys.stdout).isatty():
        return line
    return broken(line, max(_MIN_COLUMNS, shutil.get_terminal_size().columns))


def print_notice(text: str) -> None:
    """Print what a person may want to know, and programs need not, to stderr."""
    sys.stderr.write(f"{fitted(text, sys.stderr)}\n")
    sys.stderr.flush()


def broken(line: str, columns: int) -> str:
    """Return a line broken at blanks into lines of ``columns``, those after the first indented.

    >>> print(broken("  News about ACME is back to normal: the surge was minor.", 40))
      News about ACME is back to normal: the
          surge was minor.
    """
    text = line.lstrip(" ")
    own = " " * (len(line) - len(text))
    lines = textwrap.wrap(
        text,
        columns,
        initial_indent=own,
        subsequent_indent=own + " " * _INDENT,
        break_on_hyphens=False,
    )
    return "\n".join(lines)
