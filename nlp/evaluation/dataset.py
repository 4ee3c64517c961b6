"""Labelled texts on which models are evaluated."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.evaluation.near_duplicates import has_near_duplicate
from nlp.labelled_rows import BadRows, read
from nlp.metrics import Labels
from nlp.tasks import LABELS, TASKS, Task


@dataclass(frozen=True, slots=True)
class Dataset:
    """Texts with their labels.

    Attributes:
        answers: index of each text's label, (texts,).
        in_training: True for a text with a near duplicate among the training rows, (texts,);
            None if the training rows are not known.
    """

    task: Task
    file: Path
    texts: list[str]
    answers: Labels
    in_training: NDArray[np.bool_] | None = None

    def mark_training_texts(self, training_texts: Iterable[str]) -> "Dataset":
        """Return the dataset with ``in_training`` filled in."""
        return replace(self, in_training=has_near_duplicate(self.texts, training_texts))


def open_dataset(path: Path, task: Task | None = None) -> Dataset:
    """Return the labelled texts of a file; without ``task``, labels or file name decide it.

    Raises:
        BadRows: the file can't be read, or may be of both tasks or of none.
    """
    task = task or detect_task(path)
    rows = read(path, task, LABELS[task])
    answers = np.array([row.label for row in rows], dtype=np.int64)
    return Dataset(task, path, [row.text for row in rows], answers)


def detect_task(path: Path) -> Task:
    """Return the task whose labels the file has; if both tasks have them, its name decides.

    Raises:
        BadRows: no task has such labels, or labels and name leave both possible.
    """
    problems: dict[Task, str] = {}
    for task in TASKS:
        try:
            read(path, task, LABELS[task])
        except BadRows as error:
            problems[task] = str(error)
    name = f"{path.absolute().parent.name}/{path.name}".lower()
    named = [task for task in TASKS if task in name]

    fitting = [task for task in TASKS if task not in problems]
    if not fitting:
        raise BadRows("; ".join(sorted({problems[task] for task in named or TASKS})))
    likely = fitting if len(fitting) == 1 else [task for task in fitting if task in named]
    if len(likely) != 1:
        raise BadRows(
            f"{path} could be sentiments or topics: say --sentiment or --topics before it"
        )
    return likely[0]
