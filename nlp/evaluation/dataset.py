"""Labelled texts that models are asked about."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.evaluation.near_duplicates import near
from nlp.labelled_rows import BadRows, Row, read
from nlp.metrics import Labels
from nlp.tasks import LABELS, TASKS, Task


@dataclass(frozen=True, slots=True)
class Dataset:
    """Texts and the indices of their labels, (texts,).

    ``seen`` says of each text whether the training rows hold a near duplicate; None: not known.
    """

    task: Task
    file: Path
    texts: list[str]
    answers: Labels
    seen: NDArray[np.bool_] | None = None

    def without(self, train: Iterable[str]) -> "Dataset":
        """The same, knowing which texts have a near duplicate among ``train``."""
        return replace(self, seen=near(self.texts, train))


def open_dataset(path: Path, task: Task | None = None) -> Dataset:
    """The labelled texts of ``path``, of the task that its labels or else its name tell.

    Raises:
        BadRows: it can't be read, or could be of both tasks or of none.
    """
    task = task or recognised(path)
    rows = read(path, task, LABELS[task])
    answers = np.array([row.label for row in rows], dtype=np.int64)
    return Dataset(task, path, [row.text for row in rows], answers)


def recognised(path: Path) -> Task:
    """The task of the labels in ``path``; where these are numbers of both, that of its name.

    Raises:
        BadRows: neither tells, or no task has such labels.
    """
    tried = {task: _tried(path, task) for task in TASKS}
    fitting = [task for task, it in tried.items() if not isinstance(it, BadRows)]
    named = [task for task in TASKS if task in f"{path.absolute().parent.name}/{path.name}".lower()]
    if not fitting:
        said = {str(it) for task, it in tried.items() if task in (named or TASKS)}
        raise BadRows("; ".join(sorted(said)))
    likely = [task for task in fitting if len(fitting) == 1 or task in named]
    if len(likely) != 1:
        raise BadRows(
            f"{path} could be sentiments or topics: say --sentiment or --topics before it"
        )
    return likely[0]


def _tried(path: Path, task: Task) -> list[Row] | BadRows:
    try:
        return read(path, task, LABELS[task])
    except BadRows as error:
        return error
