"""Corrections: the labels that people say texts should have got."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import ValidationError

from nlp.labelled_rows import TEXTS, BadRows, records
from nlp.normalise import normalise
from nlp.rows.label_meanings import OPTIONS, MeaningsByTask, known_meanings
from nlp.rows.label_names import number_in
from nlp.tasks import LABELS, TASKS, Head, Task
from nlp.training.examples import Example
from schemas.feedback import Feedback


class Correction(NamedTuple):
    """A correction and where it was read.

    Attributes:
        feedback: the article or text, and its labels.
        source: for messages, like ``feedback.jsonl:3``.
    """

    feedback: Feedback
    source: str

    @property
    def labels(self) -> dict[Task, int]:
        """Return the index of each label that the correction has."""
        names: dict[Task, str | None] = {
            "sentiment": self.feedback.sentiment,
            "topic": self.feedback.topic,
        }
        return {task: LABELS[task].index(name) for task, name in names.items() if name}


def read_corrections(
    path: Path, meanings: MeaningsByTask = MappingProxyType({})
) -> list[Correction]:
    """Return the corrections in a file of JSON lines or CSV, in its order.

    A row has ``text`` (or ``headline``) or the ``key`` of an article, and ``sentiment``, ``topic``
    or both; a column ``label`` may hold the name of either instead. ``meanings`` say what labels
    mean whose names do not.

    Raises:
        BadRows: the file can't be read or is empty, or a row is no correction; it says which.
    """
    rows = list(records(path))
    names: dict[Task, dict[str, str]] = {}
    for task in TASKS:
        cells = (row.get(column) for _, row in rows for column in (task, "label"))
        labels = [_label(cell) for cell in cells if isinstance(cell, str | int | float)]
        names[task] = known_meanings(labels, task, meanings.get(task, {}))
    corrections = [_parse(row, f"{path}:{number}", names) for number, row in rows]
    if not corrections:
        raise BadRows(f"{path} has no corrections")
    return corrections


def _parse(
    row: Mapping[str, Any], source: str, names: Mapping[Task, Mapping[str, str]]
) -> Correction:
    try:
        feedback = Feedback.model_validate(_feedback_fields(row, source, names))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(map(str, first["loc"])) or "the row"
        raise BadRows(f"{source}: {name}: {first['msg'].removeprefix('Value error, ')}") from None
    if feedback.key is None and feedback.text is None:
        raise BadRows(f"{source}: has no text: it needs the column text or headline, or a key")
    return require_known_topic(Correction(feedback, source))


def _feedback_fields(
    row: Mapping[str, Any], source: str, names: Mapping[Task, Mapping[str, str]]
) -> dict[str, Any]:
    """Return the fields of `Feedback` in ``row``, without empty cells and other columns."""
    cells = {name: cell for name, cell in row.items() if cell is not None and cell != ""}
    fields = {name: cell for name, cell in cells.items() if name in {"key", "who", "when"}}
    fields |= {task: cells[task] for task in TASKS if task in cells}
    if "label" in cells:
        label = cells["label"]
        fields.setdefault("sentiment" if _label(label) in names["sentiment"] else "topic", label)
    for task in TASKS:
        cell = fields.get(task)
        if isinstance(cell, str | int | float):
            fields[task] = names[task].get(label := _label(cell), label)
            if label not in names[task] and number_in(label) is not None:
                option = " or ".join(OPTIONS.values() if "label" in cells else [OPTIONS[task]])
                raise BadRows(
                    f"{source}: the label {label} is a number, which does not say what it means: "
                    f"say it, {option} {label}=MEANING"
                )
    fields["text"] = next((cells[name] for name in TEXTS if name in cells), None)
    return fields


def _label(cell: object) -> str:
    return str(cell).strip()


def require_known_topic(correction: Correction) -> Correction:
    """Return ``correction`` if its topic, if it has one, exists.

    Raises:
        BadRows: there is no such topic.
    """
    topic = correction.feedback.topic
    if topic is not None and topic not in LABELS["topic"]:
        names = ", ".join(LABELS["topic"])
        raise BadRows(f"{correction.source}: topic {topic!r} is none of {names}")
    return correction


def latest_per_article(corrections: Iterable[Correction]) -> list[Correction]:
    """Return the last correction of each article, and all corrections without a key.

    The last correction of an article replaces those before it, also their other labels.
    """
    latest = {
        correction.feedback.key or index: correction for index, correction in enumerate(corrections)
    }
    return list(latest.values())


def to_examples(corrections: Sequence[Correction]) -> list[Example]:
    """Return each corrected text once, normalised, with its last label of each task."""
    labels_by_text: dict[str, dict[Head, int]] = {}
    for correction in corrections:
        text = normalise(correction.feedback.text or "")
        labels_by_text.setdefault(text, {}).update(correction.labels.items())
    return [Example(text, labels) for text, labels in labels_by_text.items() if text]
