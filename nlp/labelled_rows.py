"""Labelled texts from CSV and JSON lines files, for training and for evaluation."""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson

from nlp.normalise import says_something
from nlp.rows.kinds import Kinds, kinds_of
from nlp.rows.label_meanings import (
    OPTIONS,
    LabelCount,
    Meanings,
    known_meanings,
    unknown_numbers,
)
from nlp.rows.label_names import number_in
from nlp.tasks import LABELS, SEVERITIES, Task

TEXTS: Final = ("text", "headline", "title", "sentence")
"""Names of the column with the text; the first one that a row has counts."""
SUBJECT: Final = "subject"
"""Column with the company that a sentiment is about, as the text names it; it may be missing."""
SEVERITY: Final = "severity"
"""Column with how bad what the text says is, 0 to 3; it may be missing."""
_SEVERITIES: Final = frozenset(map(str, range(SEVERITIES)))


class BadRows(Exception):
    """A file of labelled texts can't be used; the message says which line and why."""


class Row(NamedTuple):
    """A text and its labels.

    Attributes:
        text: as the file has it.
        label: index of the label.
        subject: the company that the label is about; empty if it is about the text.
        severity: how bad what the text says is, 0 to 3; None if the file does not say.
    """

    text: str
    label: int
    subject: str = ""
    severity: int | None = None


class LabelledFile(NamedTuple):
    """A file of labelled texts.

    Attributes:
        path: of the file.
        task: of its labels.
        rows: in the order of the file.
        labels: what each label was taken for.
        kinds: the kind of each row, by the columns that say one.
    """

    path: Path
    task: Task
    rows: list[Row]
    labels: list[LabelCount]
    kinds: Kinds


class UnreadRow(NamedTuple):
    """A row of a file, whatever its label means.

    Attributes:
        line: of the file.
        label: as the file has it.
        fields: all cells, by column.
    """

    line: int
    text: str
    label: str
    fields: Mapping[str, Any]


def read(path: Path, task: Task, meanings: Meanings = MappingProxyType({})) -> LabelledFile:
    """Return the rows of a file: CSV or JSON lines, plain or gzipped, with a text and a ``label``.

    ``meanings`` say what its labels mean, if their names do not.

    Raises:
        BadRows: the file can't be read, a column is missing, or a label has no meaning.
    """
    unread = unread_rows(path)
    counts = Counter(row.label for row in unread)
    names = known_meanings(counts, task, meanings)
    for row in unread:
        if row.label not in names and number_in(row.label) is None:
            raise BadRows(
                f"{path}:{row.line}: label {row.label!r} is none of {', '.join(LABELS[task])}: "
                f"say what it means, {OPTIONS[task]} LABEL=MEANING"
            )
    if unknown := {label: counts[label] for label in counts if label not in names}:
        raise BadRows(f"{path}: {unknown_numbers(unknown, task)}")

    classes = LABELS[task]
    labels = [LabelCount(label, names[label], rows) for label, rows in counts.items()]
    return LabelledFile(
        path,
        task,
        [
            Row(row.text, classes.index(names[row.label]), *_asked(path, row, task))
            for row in unread
        ],
        sorted(labels, key=lambda label: classes.index(label.meaning)),
        kinds_of([row.fields for row in unread]),
    )


def _asked(path: Path, row: UnreadRow, task: Task) -> tuple[str, int | None]:
    """Return the subject and the severity of a row, which only those of sentiments have.

    Raises:
        BadRows: the severity is no number from 0 to 3.
    """
    if task != "sentiment":
        return "", None
    subject, severity = (str(row.fields.get(name) or "").strip() for name in (SUBJECT, SEVERITY))
    if not severity:
        return subject, None
    if severity not in _SEVERITIES:
        raise BadRows(f"{path}:{row.line}: severity {severity!r} is no number from 0 to 3")
    return subject, int(severity)


def unread_rows(path: Path) -> list[UnreadRow]:
    """Return the rows of a file without a look at what their labels mean.

    Raises:
        BadRows: the file can't be read or is empty, or a column is missing.
    """
    rows: list[UnreadRow] = []
    for line, fields in records(path):
        text = next((fields[name] for name in TEXTS if isinstance(fields.get(name), str)), None)
        if text is None or fields.get("label") is None:
            raise BadRows(f"{path}:{line}: needs the columns text and label, has {list(fields)}")
        if not says_something(text):
            raise BadRows(
                f"{path}:{line}: the text is empty: there is nothing to learn or evaluate"
            )
        rows.append(UnreadRow(line, text, str(fields["label"]).strip(), fields))
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
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise BadRows(f"{path} can't be read: {reason}") from error
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
