"""What the cells of a column tell about it."""

import re
from collections.abc import Sequence
from typing import Final

from infra.input.columns.names import folded, guess_rank, known_alias

_TIME_OF_DAY: Final = re.compile(
    r"\s*\d{1,2}[:.]\d\d(?:[:.]\d\d(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?"
    r"\s*(?:Z|[+-]\d\d:?\d\d)?\s*"
)
_DAY: Final = re.compile(
    r"\s*(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{8}|\d{1,2} [A-Za-z]{3,9} \d{4})\s*"
)
_TIME_WORDS: Final = ("time", "hour", "clock")
_FIRST_ROW_NUMBERS: Final = (0, 1)


def date_and_time(
    columns: Sequence[str], rows: Sequence[Sequence[str]], published: int
) -> tuple[int, int | None]:
    """Return the column of the date, and that of its time of day, if they are apart."""

    def all_match(index: int, pattern: re.Pattern[str]) -> bool:
        cells = [row[index] for row in rows if index < len(row) and row[index].strip()]
        return bool(cells) and all(map(pattern.fullmatch, cells))

    dated = [
        index
        for index, column in enumerate(columns)
        if known_alias("published", column) or guess_rank("published", column) is not None
    ]
    for time, column in enumerate(columns):
        if not any(word in folded(column) for word in _TIME_WORDS):
            continue
        if all_match(time, _TIME_OF_DAY):
            for day in (published, *dated):
                if day != time and all_match(day, _DAY):
                    return day, time
    return published, None


def counts_rows(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Return whether a column has the numbers of the rows, from 0 or 1."""
    cells = [row[column].strip() if column < len(row) else "" for row in rows]
    return bool(cells) and any(
        all(cell == str(number) for number, cell in enumerate(cells, first))
        for first in _FIRST_ROW_NUMBERS
    )
