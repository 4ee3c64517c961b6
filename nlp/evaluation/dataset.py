"""Labelled texts on which models are evaluated."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlp.evaluation.near_duplicates import has_near_duplicate
from nlp.labelled_rows import BadRows, read, unread_rows
from nlp.metrics import Labels
from nlp.rows.kinds import Kinds
from nlp.rows.label_meanings import LabelCount, MeaningsByTask, known_meanings
from nlp.rows.label_names import number_in
from nlp.tasks import TASKS, TOPICS, Task

_MAX_SENTIMENT_NUMBER: Final = 5
"""Largest number of a sentiment, and the lowest below zero; a higher one is that of a topic."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Texts with their labels.

    Attributes:
        answers: index of each text's label, (texts,).
        labels: what each label of the file was taken for.
        kinds: the kind of each text, by the columns that say one.
        in_training: True for a text with a near duplicate among the training rows, (texts,);
            None if the training rows are not known.
    """

    task: Task
    file: Path
    texts: list[str]
    answers: Labels
    labels: Sequence[LabelCount] = ()
    kinds: Kinds = field(default_factory=dict)
    in_training: NDArray[np.bool_] | None = None

    def mark_training_texts(self, training_texts: Iterable[str]) -> "Dataset":
        """Return the dataset with ``in_training`` filled in."""
        return replace(self, in_training=has_near_duplicate(self.texts, training_texts))


def open_dataset(
    path: Path, task: Task | None = None, meanings: MeaningsByTask = MappingProxyType({})
) -> Dataset:
    """Return the labelled texts of a file; without ``task``, labels or file name decide it.

    ``meanings`` say what labels mean whose names do not.

    Raises:
        BadRows: the file can't be read, may be of both tasks or of none, or has labels without a
            meaning.
    """
    task = task or detect_task(path, meanings)
    file = read(path, task, meanings.get(task, {}))
    answers = np.array([row.label for row in file.rows], dtype=np.int64)
    return Dataset(task, path, [row.text for row in file.rows], answers, file.labels, file.kinds)


def training_texts(
    path: Path, meanings: MeaningsByTask = MappingProxyType({})
) -> tuple[Task, list[str]]:
    """Return the task of the rows that a model was trained on, and their texts.

    Raises:
        BadRows: the file can't be read, or may be of both tasks or of none.
    """
    return detect_task(path, meanings), [row.text for row in unread_rows(path)]


def detect_task(path: Path, meanings: MeaningsByTask = MappingProxyType({})) -> Task:
    """Return the task whose labels the file has.

    If both tasks may have them, the file's name decides, and then ``meanings``.

    Raises:
        BadRows: no task has such labels, or labels and name leave both possible.
    """
    labels = {row.label for row in unread_rows(path)}
    unknown: dict[Task, list[str]] = {}
    for task in TASKS:
        known = known_meanings(labels, task, meanings.get(task, {}))
        unknown[task] = [label for label in labels if label not in known]
    fitting = [task for task in TASKS if all(_may_be(label, task) for label in unknown[task])]

    name = f"{path.absolute().parent.name}/{path.name}".lower()
    named = [task for task in TASKS if task in name]
    if not fitting:
        problems: list[str] = []
        for task in named or TASKS:
            try:
                read(path, task, meanings.get(task, {}))
            except BadRows as error:
                problems.append(str(error))
        raise BadRows("; ".join(problems))
    of_its_name = [task for task in fitting if task in named]
    without_gaps = [task for task in fitting if not unknown[task]]
    for likely in (fitting, of_its_name, without_gaps):
        if len(likely) == 1:
            return likely[0]
    raise BadRows(f"{path} could be sentiments or topics: say --sentiment or --topics before it")


def _may_be(label: str, task: Task) -> bool:
    """Return whether a label without a meaning may be a number of the task."""
    number = number_in(label)
    if number is None:
        return False
    if task == "sentiment":
        return abs(number) <= _MAX_SENTIMENT_NUMBER
    return 0 <= number < len(TOPICS)
