"""Read labelled texts from CSV and JSON lines files, for training and for evaluation."""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from nlp.normalise import says_something
from nlp.tasks import Task

FINANCIAL_TWEETS: Final[Mapping[Task, Mapping[str, str]]] = {
    "sentiment": {"0": "negative", "1": "positive", "2": "neutral"},
    "topic": {},
}
"""Numbers that stand for labels. A topic's number is its place; a sentiment's is the dataset's."""
ALIASES: Final = {"bearish": "negative", "bullish": "positive"}
TEXTS: Final = ("text", "headline", "title", "sentence")


class BadRows(Exception):  # noqa: N818 - the state
    """A file of labelled texts that can't be used; the message says which line and why."""


class Row(NamedTuple):
    """A text and the index of its label."""

    text: str
    label: int


def read(path: Path, task: Task, labels: Sequence[str]) -> list[Row]:
    """The rows of ``path``: CSV or JSON lines, either also gzipped, with a text and a ``label``.

    A label is a name, or a number: the dataset's own for sentiment (0 bearish, 1 bullish, 2
    neutral), the place among ``labels`` for topics.

    Raises:
        BadRows: it is no such file, a column is missing, or a label is none of ``labels``.
    """
    numbers = FINANCIAL_TWEETS[task] or {str(place): name for place, name in enumerate(labels)}
    places = {name: place for place, name in enumerate(labels)}
    rows = [_row(path, number, found, numbers, places) for number, found in records(path)]
    if not rows:
        raise BadRows(f"{path} has no rows")
    return rows


def _row(
    path: Path,
    number: int,
    found: Mapping[str, Any],
    numbers: Mapping[str, str],
    places: Mapping[str, int],
) -> Row:
    text = next((found[name] for name in TEXTS if isinstance(found.get(name), str)), None)
    if text is None or found.get("label") is None:
        raise BadRows(f"{path}:{number}: needs the columns text and label, has {list(found)}")
    if not says_something(text):
        raise BadRows(f"{path}:{number}: the text is empty: there is nothing to learn or judge by")
    label = str(found["label"]).strip()
    name = numbers.get(label) or ALIASES.get(label.lower(), label.lower())
    if name not in places:
        raise BadRows(f"{path}:{number}: label {label!r} is none of {', '.join(places)}")
    return Row(text, places[name])


def records(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Line number and fields of each row: of JSON lines or CSV, either also gzipped.

    Raises:
        BadRows: it can't be read to its end.
    """
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        text = data.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadRows(f"{path} can't be read: {error}") from error
    if ".jsonl" in path.suffixes or ".ndjson" in path.suffixes:
        return _json_lines(path, text.splitlines())
    return _comma_separated(path, text)


def _json_lines(path: Path, lines: Iterable[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise BadRows(f"{path}:{number}: {error}") from error
        if not isinstance(found, dict):
            raise BadRows(f"{path}:{number}: is not a JSON object")
        yield number, found


def _comma_separated(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        for found in reader:
            yield reader.line_num, found
    except csv.Error as error:
        raise BadRows(f"{path}:{reader.line_num}: {error}") from error
