"""Plots of an evaluation: the classes that a model confuses, and its calibration."""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure

from nlp.evaluation.calibration_bins import BINS
from nlp.evaluation.report import ModelReport, Report

_DOTS_PER_INCH: Final = 120
_DARK_SHARE: Final = 0.5
"""Cells of a confusion matrix with a larger share are so dark that the text is white."""
_BLUE, _RED, _GREY = "#4878a8", "#c44e52", "#888888"


def write_plots(folder: Path, reports: Sequence[Report]) -> None:
    """Write all plots; a file name has task, model and kind, and a number if a task is repeated.

    Raises:
        OSError: a file can't be written.
    """
    images: dict[str, bytes] = {}
    for index, report in enumerate(reports):
        earlier = [other.task for other in reports[:index]].count(report.task)
        name = f"{report.task}-{earlier + 1}" if earlier else report.task
        for model_report in report.judgements:
            plots = draw_plots(model_report, report.labels, name)
            prefix = f"{name}-{slug(model_report.model)}"
            images |= {f"{prefix}-{kind}.png": png for kind, png in plots.items()}

    for file_name, png in images.items():  # a file appears in full or not at all
        temporary = folder / f".{file_name}.part"
        try:
            temporary.write_bytes(png)
            temporary.replace(folder / file_name)
        finally:
            temporary.unlink(missing_ok=True)


def draw_plots(report: ModelReport, labels: Sequence[str], title: str) -> dict[str, bytes]:
    """Return PNG images by kind: ``confusion`` and ``reliability``."""
    full_title = f"{title}: {report.model}"
    return {
        "confusion": _png(_confusion_figure(report, labels, full_title)),
        "reliability": _png(_reliability_figure(report, full_title)),
    }


def slug(name: str) -> str:
    """Return ``name`` in a form that can be a part of a file name.

    >>> slug("ProsusAI/finbert@1f")
    'ProsusAI-finbert-1f'
    """
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "model"


def _confusion_figure(report: ModelReport, labels: Sequence[str], title: str) -> Figure:
    """Draw the confusion matrix, coloured by each cell's share of its label's rows."""
    counts = np.array(report.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 3.2 + 0.42 * len(labels)
    figure = Figure(figsize=(side + 1.0, side), layout="constrained")
    axes: Any = figure.add_subplot()
    image = axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    figure.colorbar(image, ax=axes, label="share of the label's rows", shrink=0.8)
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlabel="guess", ylabel="label", title=_shorten(title, 34 + 2 * len(labels)))

    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[row, column] > _DARK_SHARE else "black"
            axes.text(column, row, count, ha="center", va="center", color=colour, fontsize=8)
    return figure


def _reliability_figure(report: ModelReport, title: str) -> Figure:
    """Draw accuracy over score (a reliability diagram) above the number of rows in each bin."""
    figure = Figure(figsize=(5.5, 6.0), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    bar_style: dict[str, Any] = {"width": 1.0 / BINS, "align": "edge", "edgecolor": "white"}
    edges = [score_bin.low for score_bin in report.bins]
    accuracies = [score_bin.accuracy or 0.0 for score_bin in report.bins]
    above.bar(edges, accuracies, color=_BLUE, label="right", **bar_style)
    above.plot([0, 1], [0, 1], "--", color=_GREY, label="perfect")

    filled = [score_bin for score_bin in report.bins if score_bin.rows]
    mean_scores = [score_bin.confidence or 0.0 for score_bin in filled]
    shares = [score_bin.accuracy or 0.0 for score_bin in filled]
    above.plot(mean_scores, shares, "o", ms=4, color=_RED, label="at the mean score")
    above.set(xlim=(0, 1), ylim=(0, 1), ylabel="share that is right")
    above.set_title(_shorten(f"{title}, ECE {report.ece:.3f}", 56))
    above.legend(loc="upper left")

    rows = [score_bin.rows for score_bin in report.bins]
    below.bar(edges, rows, color=_GREY, **bar_style)
    below.set(xlabel=f"score of the guess, {BINS} bins", ylabel="rows")
    return figure


def _shorten(title: str, max_chars: int) -> str:
    return title if len(title) <= max_chars else title[: max_chars - 1] + "…"


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_DOTS_PER_INCH)
    return file.getvalue()
