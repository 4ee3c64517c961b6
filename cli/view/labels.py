"""The labels of a file of labelled texts, with what they were taken for."""

from collections.abc import Sequence

import typer

from infra.terminal import printable
from nlp.labelled_rows import LabelledFile
from nlp.rows.label_meanings import LabelCount, row_count


def label_list(labels: Sequence[LabelCount]) -> str:
    """Return the labels in one line, such as ``0 = negative (9 rows), neutral (7 rows)``."""
    parts: list[str] = []
    for label in labels:
        name = label.meaning
        if label.label != name:
            name = f"{printable(label.label)} = {name}"
        parts.append(f"{name} ({row_count(label.rows)})")
    return ", ".join(parts)


def report_labels(file: LabelledFile) -> None:
    """Print on standard error what the labels of a file were taken for."""
    typer.echo(f"{file.path}: {label_list(file.labels)}", err=True)
