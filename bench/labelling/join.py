"""Join the readers' sheets into `labels.csv`: ``python -m labelling.join SHEETS``.

The file has one row for each target of a headline: the company that was asked about, or ``text``.
The label that counts is the third reading's where there is one (``settled-*.out``), else the first
reader's. No text is written.
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from labelling.agreement import LABELS, sentiment

TEXT: Final = "text"
"""The target of a label that is about the whole headline."""
_LATER: Final = ("more", "plus", "third", "fourth")
"""Sheets that were read later, once: of the training set only."""
_SAMPLES: Final = ("sample.csv", "more.csv", "more2.csv", "more3.csv", "more4.csv")
FIELDS: Final = ("id", "day", "set", "event", "target", "label", "first", "second")


class Answer(NamedTuple):
    """One line of a sheet that was read.

    Attributes:
        labels: A label for each target, in order.
        event: The kind of event.
    """

    labels: tuple[str, ...]
    event: str


def answers(folder: Path, reading: str) -> dict[str, Answer]:
    """Return the answers of a reading (first, second, settled) by number of the headline."""
    prefixes = (reading, *_LATER) if reading == "first" else (reading,)
    return {
        number: Answer(tuple(labels.split(",")), event)
        for prefix in prefixes
        for sheet in sorted(folder.glob(f"{prefix}-*.out"))
        for number, labels, event in map(str.split, sheet.read_text().splitlines())
    }


def targets_of(tickers: str) -> list[str]:
    """Return the targets of a headline: the text first, unless one company is named.

    >>> targets_of(""), targets_of("GM"), targets_of("GM TM")
    (['text'], ['GM'], ['text', 'GM', 'TM'])
    """
    companies = tickers.split()
    return companies if len(companies) == 1 else [TEXT, *companies]


def rows(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of `labels.csv`, by id and target.

    Raises:
        ValueError: an answer has too many labels or too few.
    """
    first, second, settled = (answers(folder, name) for name in ("first", "second", "settled"))
    for headline in sorted(_samples(folder), key=lambda row: row["id"]):
        number = headline["number"]
        if number not in first:
            continue
        targets = targets_of(headline["targets"])
        nothing = Answer(("",) * len(targets), "")
        final = settled.get(number, first[number])
        columns = (final.labels, first[number].labels, second.get(number, nothing).labels)
        for target, label, one, two in zip(targets, *columns, strict=True):
            yield {
                "id": headline["id"],
                "day": headline["day"],
                "set": headline["set"],
                "event": final.event,
                "target": target,
                "label": label,
                "first": one,
                "second": two,
            }


def _samples(folder: Path) -> Iterator[dict[str, str]]:
    for name in _SAMPLES:
        if (folder / name).exists():
            with (folder / name).open(newline="") as lines:
                yield from csv.DictReader(lines)


def differing(folder: Path) -> Iterator[str]:
    """Yield the lines that a third reading decides: number, companies, both answers, title.

    Readings differ if a label has another class, or a severity that is two steps off.
    """
    first, second = answers(folder, "first"), answers(folder, "second")
    with (folder / "sample.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            number = row["number"]
            if number not in first or number not in second:
                continue
            pairs = list(zip(first[number].labels, second[number].labels, strict=True))
            if any(_differ(one, two) for one, two in pairs):
                both = f"{','.join(first[number].labels)} | {','.join(second[number].labels)}"
                event = first[number].event
                yield f"{number}\t[{row['targets']}]\t{both}\t{event}\t{row['title']}\n"


def _differ(one: str, two: str) -> bool:
    if "x" in {one, two}:
        return one != two
    if sentiment(one) != sentiment(two):
        return True
    return sentiment(one) == "negative" and abs(int(one) - int(two)) > 1


def main() -> None:
    """Write `labels.csv`, and the sheet of differences into the folder of the sheets."""
    folder = Path(sys.argv[1])
    (folder / "differences.tsv").write_text("".join(differing(folder)))
    with LABELS.open("w", newline="") as out:
        table = csv.DictWriter(out, FIELDS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows(folder))


if __name__ == "__main__":
    main()
