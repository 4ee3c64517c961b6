"""The dialect of a CSV file: its delimiter, and how it protects the delimiter in a cell."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
"""Delimiters that are recognised, with their names."""
_MAX_SAMPLE_ROWS: Final = 200
_NAMED_DELIMITER: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""The first line of files that are meant for Excel."""
_SPACE_BEFORE_QUOTE: Final = re.compile(r'[,;|\t] +"')
_ESCAPED_DELIMITER: Final = re.compile(r"\\[,;|\t]")
_ESCAPED: Final = re.compile(r"\\.", re.DOTALL)
_DOUBLED_QUOTE: Final = re.compile(r'"""|[^,;|\t\r\n" ]""')
"""A quote after one that ends a cell, where none is escaped: only who doubles quotes writes it."""
_SINGLE_QUOTES: Final = re.compile(r"(?:^|[,;|\t])'[^']*'(?=[,;|\t\r\n]|$)", re.MULTILINE)

CountKnown = Callable[[Sequence[str]], int]
"""Counts the names that are known, of the columns of a header."""


class Dialect(NamedTuple):
    """How a file separates and protects its cells.

    Attributes:
        delimiter: The character between two cells.
        quote: The character around a cell that holds a delimiter.
        escape: The character before a quote in a cell; without one, quotes are doubled.
        skips_spaces: A space after a delimiter belongs to no cell.
        lines_before: Lines before the header.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None
    skips_spaces: bool = False
    lines_before: int = 0

    def reader(self, lines: "Iterable[str]", *, strict: bool = True) -> Any:
        """Return a reader of ``lines``."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape,
            doublequote=self.escape is None,
            skipinitialspace=self.skips_spaces,
            strict=strict,
        )


def recognise(sample: str, count_known: CountKnown) -> Dialect:
    """Return the dialect in which the header of ``sample`` has the best columns.

    The best have the most names that ``count_known`` knows, then the most rows of equal length,
    then the most columns.
    """
    named = _NAMED_DELIMITER.fullmatch(sample.partition("\n")[0])
    if named:
        sample = sample.partition("\n")[2]
    skips_spaces = _SPACE_BEFORE_QUOTE.search(sample) is not None
    styles: list[tuple[str, str | None]] = [('"', None)]
    if '\\"' in sample:
        is_doubled = _DOUBLED_QUOTE.search(_ESCAPED.sub("", sample)) is not None
        styles.insert(1 if is_doubled else 0, ('"', "\\"))
    elif _ESCAPED_DELIMITER.search(sample):
        styles.append(('"', "\\"))
    if '"' not in sample and _SINGLE_QUOTES.search(sample):
        styles.append(("'", None))
    dialects = [
        Dialect(delimiter, quote, escape, skips_spaces, 1 if named else 0)
        for (quote, escape), delimiter in product(styles, named[1] if named else DELIMITERS)
    ]
    return max(dialects, key=lambda dialect: score(dialect, sample, count_known))


def score(dialect: Dialect, sample: str, count_known: CountKnown) -> tuple[int, int, int]:
    """Return how well the columns of ``sample`` fit in a dialect."""
    # Not `splitlines`, which also parts lines at U+2028 and control characters in a cell.
    lines = [*io.StringIO(sample, newline="")]
    complete = lines[:-1] if len(lines) > 1 and not lines[-1].endswith(("\r", "\n")) else lines
    header, *rows = [*sample_rows(dialect, complete)] or [[""]]
    equal = sum(len(row) == len(header) for row in rows)
    return count_known(header), equal if len(header) > 1 else 0, len(header)


def sample_rows(dialect: Dialect, lines: list[str]) -> Iterator[list[str]]:
    """Yield the first rows of a sample."""
    reader = dialect.reader(lines)
    for _ in range(_MAX_SAMPLE_ROWS):
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield []  # counts as a row of another length
        else:
            if cells:
                yield cells
