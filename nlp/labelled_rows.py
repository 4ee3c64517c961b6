"""Labelled texts from CSV and JSON lines files, for training and for evaluation."""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from nlp.normalise import says_something
from nlp.tasks import Task

_SENTIMENT_NUMBERS: Final[Mapping[str, str]] = {"0": "negative", "1": "positive", "2": "neutral"}
"""Numbers of the labels in the Twitter Financial News sentiment dataset."""
ALIASES: Final = {"bearish": "negative", "bullish": "positive"}
"""Other names of labels."""
TEXTS: Final = ("text", "headline", "title", "sentence")
"""Names of the column with the text; the first one that a row has counts."""


class BadRows(Exception):
    """A file of labelled texts can't be used; the message says which line and why."""


class Row(NamedTuple):
    """A text and the index of its label."""

    text: str
    label: int


def read(path: Path, task: Task, labels: Sequence[str]) -> list[Row]:
    """Return the rows of a file: CSV or JSON lines, plain or gzipped, with a text and a ``label``.

    A label is a name or a number. Numbers of sentiments are those of the Twitter Financial News
    dataset (0 bearish, 1 bullish, 2 neutral); a topic's number is its index in ``labels``.

    Raises:
        BadRows: the file can't be read, a column is missing, or a label is none of ``labels``.
    """
    indices = {name: index for index, name in enumerate(labels)}
    topic_numbers = {str(index): name for index, name in enumerate(labels)}
    numbers = _SENTIMENT_NUMBERS if task == "sentiment" else topic_numbers

    rows: list[Row] = []
    for line, fields in records(path):
        text = next((fields[name] for name in TEXTS if isinstance(fields.get(name), str)), None)
        if text is None or fields.get("label") is None:
            raise BadRows(f"{path}:{line}: needs the columns text and label, has {list(fields)}")
        if not says_something(text):
            raise BadRows(
                f"{path}:{line}: the text is empty: there is nothing to learn or evaluate"
            )
        label = str(fields["label"]).strip()
        name = numbers.get(label) or ALIASES.get(label.lower(), label.lower())
        if name not in indices:
            raise BadRows(f"{path}:{line}: label {label!r} is none of {', '.join(indices)}")
        rows.append(Row(text, indices[name]))
    if not rows:
        raise BadRows(f"{path} has no rows")
    return rows


def records(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield line number and fields of each row of CSV or JSON lines, plain or gzipped.

    Raises:
        BadRows: the file can't be read to its end.
    """
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        text = content.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadRows(f"{path} can't be read: {error}") from error
    is_json_lines = ".jsonl" in path.suffixes or ".ndjson" in path.suffixes
    return _json_lines(path, text) if is_json_lines else _csv_rows(path, text)


def _json_lines(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            fields = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise BadRows(f"{path}:{number}: {error}") from error
        if not isinstance(fields, dict):
            raise BadRows(f"{path}:{number}: is not a JSON object")
        yield number, fields


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        for fields in reader:
            yield reader.line_num, fields
    except csv.Error as error:
        raise BadRows(f"{path}:{reader.line_num}: {error}") from error
