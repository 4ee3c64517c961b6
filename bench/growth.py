"""What the benchmarks of growth share: a table of points, a curve, and the limit in words."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import results
import table

NEAR_BEST: Final = 0.9
"""A rate of this share of the best one counts as the best."""
_WIDTH, _ROW_HEIGHT = 7.5, 2.5
_COLUMNS: Final = 3
_HEADROOM: Final = 1.08


class Axis(NamedTuple):
    """A column of the table that is drawn.

    Attributes:
        key: of the points.
        label: with its unit.
        digits: after the decimal point, in the table.
    """

    key: str
    label: str
    digits: int = 0


Point = Mapping[str, float]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where to write, the curve included."""
    results.add_options(parser)
    parser.add_argument("--image", type=Path, metavar="SVG", help="draw the curve into this file")


def publish(
    title: str,
    points: Sequence[Point],
    axes: Sequence[Axis],
    limit: str,
    options: argparse.Namespace,
) -> None:
    """Print the points as a table, with the limit below, and draw them.

    Args:
        title: what grew, and what was measured.
        points: one for each size, in order.
        axes: first what grew, then what was measured; each has a panel of the curve.
        limit: sentences on how far it goes and what stops it.
        options: those of `add_options`.
    """
    rows = [[_cell(point[axis.key], axis.digits) for axis in axes] for point in points]
    rendered = f"{table.render([axis.label for axis in axes], rows)}\n**Limit.** {limit}\n"
    if options.image:
        draw(points, axes, options.image)
    results.publish(title, rendered, [dict(point) for point in points], options)


def near_best(points: Sequence[Point], size: str, rate: str) -> Point:
    """Return the smallest point whose rate is nearly the best.

    >>> near_best([{"n": 1, "r": 50.0}, {"n": 2, "r": 95.0}, {"n": 4, "r": 100.0}], "n", "r")["n"]
    2
    """
    best = max(point[rate] for point in points)
    enough = [point for point in points if point[rate] >= NEAR_BEST * best]
    return min(enough, key=lambda point: point[size])


def draw(points: Sequence[Point], axes: Sequence[Axis], file: Path) -> None:
    """Draw a panel for each measured column over what grew; both scales begin at zero or are log.

    The same points give the same bytes.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    settings: Any = {"svg.hashsalt": file.stem, "font.size": 9, "svg.fonttype": "none"}
    grew, *measured = axes
    sizes = [point[grew.key] for point in points]
    with mpl.rc_context(settings):
        columns = min(_COLUMNS, len(measured))
        rows = -(-len(measured) // columns)
        size = (_WIDTH, _ROW_HEIGHT * rows)
        figure, grid = plt.subplots(
            rows, columns, figsize=size, squeeze=False, layout="constrained"
        )
        for spare in grid.flat[len(measured) :]:
            spare.remove()
        for panel, axis in zip(grid.flat, measured, strict=False):
            values = [point[axis.key] for point in points]
            panel.plot(sizes, values, marker="o", markersize=3, color="#0f62fe")
            panel.set_xlabel(grew.label)
            panel.set_title(axis.label, loc="left", fontsize=9)
            panel.grid(visible=True, color="#e0e0e0")
            if _is_wide(sizes):
                panel.set_xscale("log")
            if _is_wide(values):
                panel.set_yscale("log")
            else:
                panel.set_ylim(0, _HEADROOM * max(values) or 1.0)
        figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)
        plt.close(figure)


def _is_wide(values: Sequence[float]) -> bool:
    """Return whether values need a logarithmic scale: all above 0, over two decades or more."""
    return min(values) > 0 and max(values) >= 100 * min(values)


def _cell(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}".replace(",", " ")
