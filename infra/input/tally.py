"""Counts of verdicts, and their causes: one line for what many rows share."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from infra.input.verdicts import Item, Status, first_value

_VARYING: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\d+")
"""The parts of a message that differ between rows with the same cause."""
_MAX_CAUSES: Final = 50
_MAX_RANGES_SHOWN: Final = 12
_OTHER: Final = "other problems"

Plural = tuple[str, str]
NAMES: Final[dict[Status, Plural]] = {
    "article": ("article", "articles"),
    "copy": ("copy", "copies"),
    "update": ("copy with further companies", "copies with further companies"),
    "correction": ("correction", "corrections"),
    "refused": ("refused", "refused"),
}
"""Singular and plural of each verdict."""


@dataclass(slots=True)
class Cause:
    """What several rows have in common.

    Attributes:
        text: The message for the first row.
        value: The first value as it is; empty if there is none.
        count: The number of rows.
        ranges: Ranges of lines of each file, of which the first are kept.
    """

    text: str
    value: str = ""
    count: int = 0
    ranges: list[tuple[str, int, int]] = field(default_factory=list)

    def add(self, file: str, line: int) -> None:
        """Count a row."""
        self.count += 1
        if self.ranges:
            last_file, begin, end = self.ranges[-1]
            if file == last_file and end <= line <= end + 1:
                self.ranges[-1] = (file, begin, line)
                return
        if len(self.ranges) <= _MAX_RANGES_SHOWN:
            self.ranges.append((file, line, line))

    def line(self, kind: str) -> str:
        """Return the cause in one line; ``kind`` says what became of the rows."""
        value = f"; the first is {self.value}" if self.value else ""
        return f"{kind} {self.count}x: {self.text}{value} ({self.lines})"

    @property
    def lines(self) -> str:
        """The lines as a person writes them: ``news.csv:2, 5-9``."""
        shown: list[str] = []
        file = None
        for name, begin, end in self.ranges[:_MAX_RANGES_SHOWN]:
            lines = f"{begin}" if begin == end else f"{begin}-{end}"
            shown.append(lines if name == file else f"{name}:{lines}")
            file = name
        return ", ".join(shown) + (", …" if len(self.ranges) > _MAX_RANGES_SHOWN else "")


class Tally:
    """Counts verdicts, and what they have in common.

    ``first_of_cause`` is called with the first item that is refused for a cause.

    Attributes:
        counts: The number of items with each verdict.
        refusals: Causes of refusals.
        warnings: Causes of warnings.
    """

    def __init__(self, first_of_cause: Callable[[Item], None] = lambda _: None) -> None:
        self._first_of_cause = first_of_cause
        self.counts: Counter[Status] = Counter()
        self.refusals: dict[str, Cause] = {}
        self.warnings: dict[str, Cause] = {}

    def add(self, item: Item, warnings: Sequence[str] | None = None) -> None:
        """Count an item with ``warnings``, by default its own."""
        self.counts[item.status] += 1
        message = item.message
        if item.status == "refused":
            cause = cause_of(self.refusals, item.reason)
            if not cause.count:
                cause.value = first_value(item)
                self._first_of_cause(item)
            cause.add(message.file, message.line)
        for warning in item.warnings if warnings is None else warnings:
            cause_of(self.warnings, warning).add(message.file, message.line)

    @property
    def summary(self) -> str:
        """The counts in words: ``9 articles, 1 copy, 2 refused``."""
        counted = [
            f"{count} {names[0] if count == 1 else names[1]}"
            for status, names in NAMES.items()
            if (count := self.counts[status])
        ]
        return ", ".join(counted) or "nothing"

    def causes(self, min_refused: int = 1) -> Iterator[str]:
        """Yield a line for each cause of warnings, and of at least ``min_refused`` refusals."""
        for cause in _by_count(self.refusals):
            if cause.count >= min_refused:
                yield cause.line("refused")
        for cause in _by_count(self.warnings):
            yield cause.line("warning")


def _by_count(causes: Mapping[str, Cause]) -> list[Cause]:
    return sorted(causes.values(), key=lambda cause: -cause.count)


def cause_of(causes: dict[str, Cause], text: str) -> Cause:
    """Return the cause that ``text`` belongs to, which may be new."""
    key = _VARYING.sub("", text)
    if key not in causes and len(causes) >= _MAX_CAUSES:
        key, text = _OTHER, _OTHER
    return causes.setdefault(key, Cause(text))
