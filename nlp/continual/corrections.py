"""Corrections: the labels that people say texts should have got."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from nlp.labelled_rows import ALIASES, TEXTS, BadRows, records
from nlp.normalise import normalise
from nlp.tasks import LABELS, SENTIMENTS, Task
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


def read_corrections(path: Path) -> list[Correction]:
    """Return the corrections in a file of JSON lines or CSV, in its order.

    A row has ``text`` (or ``headline``) or the ``key`` of an article, and ``sentiment``, ``topic``
    or both; a column ``label`` may hold the name of either instead.

    Raises:
        BadRows: the file can't be read or is empty, or a row is no correction; it says which.
    """
    corrections = [_parse(row, f"{path}:{number}") for number, row in records(path)]
    if not corrections:
        raise BadRows(f"{path} has no corrections")
    return corrections


def _parse(row: Mapping[str, Any], source: str) -> Correction:
    try:
        feedback = Feedback.model_validate(_feedback_fields(row))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(map(str, first["loc"])) or "the row"
        raise BadRows(f"{source}: {name}: {first['msg'].removeprefix('Value error, ')}") from None
    if feedback.key is None and feedback.text is None:
        raise BadRows(f"{source}: has no text: it needs the column text or headline, or a key")
    return require_known_topic(Correction(feedback, source))


def _feedback_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `Feedback` in ``row``, without empty cells and other columns."""
    cells = {name: cell for name, cell in row.items() if cell is not None and cell != ""}
    fields = {name: cell for name, cell in cells.items() if name in {"key", "who", "when"}}
    fields |= {task: _label_name(cells[task]) for task in LABELS if task in cells}
    if "label" in cells:
        label = _label_name(cells["label"])
        fields.setdefault("sentiment" if label in SENTIMENTS else "topic", label)
    fields["text"] = next((cells[name] for name in TEXTS if name in cells), None)
    return fields


def _label_name(cell: object) -> str:
    name = str(cell).strip().lower()
    return ALIASES.get(name, name)


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
    labels_by_text: dict[str, dict[Task, int]] = {}
    for correction in corrections:
        text = normalise(correction.feedback.text or "")
        labels_by_text.setdefault(text, {}).update(correction.labels)
    return [Example(text, labels) for text, labels in labels_by_text.items() if text]
