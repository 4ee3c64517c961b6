"""What people say that texts should have been scored as, read and put in order."""

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
    """A correction and where it was said, for messages: ``feedback.jsonl:3``."""

    said: Feedback
    place: str

    @property
    def labels(self) -> dict[Task, int]:
        """The index of each label that it gives."""
        names: dict[Task, str | None] = {"sentiment": self.said.sentiment, "topic": self.said.topic}
        return {task: LABELS[task].index(name) for task, name in names.items() if name}


def read(path: Path) -> list[Correction]:
    """The corrections in a file of JSON lines or CSV, in its order.

    A row has ``text`` (or ``headline``) or the ``key`` of an article, and ``sentiment``, ``topic``
    or both; instead of these ``label`` may have a name of either.

    Raises:
        BadRows: it can't be read, is empty, or a row is no correction; it says which.
    """
    found = [correction(row, f"{path}:{number}") for number, row in records(path)]
    if not found:
        raise BadRows(f"{path} has no corrections")
    return found


def correction(row: Mapping[str, Any], place: str) -> Correction:
    """The correction that ``row`` is.

    Raises:
        BadRows: it is none, or gives a label that there is not.
    """
    try:
        said = Feedback.model_validate(_fields(row))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(map(str, first["loc"])) or "the row"
        raise BadRows(f"{place}: {name}: {first['msg'].removeprefix('Value error, ')}") from None
    if said.key is None and said.text is None:
        raise BadRows(f"{place}: has no text: it needs the column text or headline, or a key")
    return known(Correction(said, place))


def known(found: Correction) -> Correction:
    """``found``, whose topic there is.

    Raises:
        BadRows: there is no such topic.
    """
    if found.said.topic is not None and found.said.topic not in LABELS["topic"]:
        raise BadRows(
            f"{found.place}: topic {found.said.topic!r} is none of {', '.join(LABELS['topic'])}"
        )
    return found


def last(found: Iterable[Correction]) -> list[Correction]:
    """Of each article the last correction, which replaces all before it; of texts all."""
    kept = {one.said.key or place: one for place, one in enumerate(found)}
    return list(kept.values())


def labelled(found: Sequence[Correction]) -> list[Example]:
    """The texts of ``found``, each once, as a model sees them; of each task the last label."""
    merged: dict[str, dict[Task, int]] = {}
    for one in found:
        merged.setdefault(normalise(one.said.text or ""), {}).update(one.labels)
    return [Example(text, labels) for text, labels in merged.items() if text]


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """What of ``row`` a correction has; empty cells are nothing, other columns nobody's concern."""
    fields = {name: it for name, it in row.items() if it is not None and it != ""}
    text = next((fields[name] for name in TEXTS if name in fields), None)
    named: dict[str, Any] = {task: _plain(fields[task]) for task in LABELS if task in fields}
    if "label" in fields:
        label = _plain(fields["label"])
        named.setdefault("sentiment" if label in SENTIMENTS else "topic", label)
    rest = {name: it for name, it in fields.items() if name in {"key", "who", "when"}}
    return {**rest, **named, "text": text}


def _plain(label: Any) -> str:
    name = str(label).strip().lower()
    return ALIASES.get(name, name)
