"""A judgement to look at: where a model confuses classes, and whether it knows how sure to be."""

import io
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure

from nlp.evaluation.calibration_bins import BINS
from nlp.evaluation.report import TaskReport

_DOTS_PER_INCH: Final = 120
_DARK: Final = 0.5
_BLUE, _RED, _GREY = "#4878a8", "#c44e52", "#888888"


def draw_plots(found: TaskReport, labels: Sequence[str], title: str) -> dict[str, bytes]:
    """PNG images by name, such as ``confusion``."""
    over = f"{title}: {found.model}"
    return {
        "confusion": _png(_confusion(found, labels, over)),
        "reliability": _png(_reliability(found, over)),
    }


def slug(name: str) -> str:
    """``name`` as part of a file's.

    >>> slug("ProsusAI/finbert@1f")
    'ProsusAI-finbert-1f'
    """
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "model"


def _confusion(found: TaskReport, labels: Sequence[str], title: str) -> Figure:
    counts = np.array(found.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 3.2 + 0.42 * len(labels)
    figure = Figure(figsize=(side + 1.0, side), layout="constrained")
    axes: Any = figure.add_subplot()
    image = axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    figure.colorbar(image, ax=axes, label="share of the label's rows", shrink=0.8)
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlabel="guess", ylabel="label", title=_fitted(title, 34 + 2 * len(labels)))
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[row, column] > _DARK else "black"
            axes.text(column, row, count, ha="center", va="center", color=colour, fontsize=8)
    return figure


def _reliability(found: TaskReport, title: str) -> Figure:
    figure = Figure(figsize=(5.5, 6.0), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    lows = [it.low for it in found.bins]
    rows = [it.rows for it in found.bins]
    bar: dict[str, Any] = {"width": 1.0 / BINS, "align": "edge", "edgecolor": "white"}
    above.bar(lows, [it.accuracy or 0.0 for it in found.bins], color=_BLUE, label="right", **bar)
    there = [it for it in found.bins if it.rows]
    means = [it.confidence or 0.0 for it in there]
    above.plot([0, 1], [0, 1], "--", color=_GREY, label="perfect")
    shares = [it.accuracy or 0.0 for it in there]
    above.plot(means, shares, "o", ms=4, color=_RED, label="at the mean score")
    above.set(xlim=(0, 1), ylim=(0, 1), ylabel="share that is right")
    above.set_title(_fitted(f"{title}, ECE {found.ece:.3f}", 56))
    above.legend(loc="upper left")
    below.bar(lows, rows, color=_GREY, **bar)
    below.set(xlabel=f"score of the guess, {BINS} bins", ylabel="rows")
    return figure


def _fitted(title: str, width: int) -> str:
    return title if len(title) <= width else title[: width - 1] + "…"


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_DOTS_PER_INCH)
    return file.getvalue()
