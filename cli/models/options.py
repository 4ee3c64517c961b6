"""Options that several commands share, and what they say."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nlp.rows.label_meanings import MeaningsByTask
    from nlp.tasks import Task

Labels = Annotated[
    str,
    typer.Option(help="Meaning of sentiment labels: 0=negative,1=neutral,2=positive, or tfns."),
]
TopicLabels = Annotated[
    str, typer.Option(help="Meaning of topic labels: 0=earnings,1=ipo, or tfns.")
]


def meanings(labels: str, topic_labels: str) -> "MeaningsByTask":
    """Return the meanings that the two options give labels.

    Raises:
        UsageError: an option can't be used.
    """
    from infra.usage_error import UsageError
    from nlp.rows.label_meanings import BadMeanings, parse_meanings

    try:
        return {
            "sentiment": parse_meanings(labels, "sentiment"),
            "topic": parse_meanings(topic_labels, "topic"),
        }
    except BadMeanings as error:
        raise UsageError(str(error)) from None


def task_files(sentiment: Path | None, topics: Path | None) -> "dict[Task, Path]":
    """Return the file of each task that has one."""
    files: dict[Task, Path | None] = {"sentiment": sentiment, "topic": topics}
    return {task: path for task, path in files.items() if path}
