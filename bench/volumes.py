"""Compare false alarms in series of numbers, without texts, with the promise.

``python bench/volumes.py`` takes about ten minutes on two cores, ``--series 4`` three. Each series
has a level of 1 to 300 items an hour, to which its world adds variation.
"""

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from itertools import chain, product
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from hawkes import BRANCHING, MEMORY
from intervals import rate
from numpy.typing import NDArray
from synthetic import BEGIN, DAYS_A_MONTH, DISPERSION, DRIFT, WEEK
from table import publish, render

from detection.rule import Rule
from detection.series.series import Series

LEVEL: Final = 20.0
"""Median items an hour; levels are lognormal, two thirds of them within a factor of e."""
FINE: Final = timedelta(minutes=5)
A_DAY: Final = timedelta(days=1) // FINE
AN_HOUR: Final = timedelta(hours=1) // FINE
STEPS: Final = {"5 min": 1, "15 min": 3, "1 h": AN_HOUR, "1 d": A_DAY}
"""Lengths of a row, in units of `FINE`."""
DAYS: Final = {1.0: 90, 0.1: 200}
"""Days simulated for each promise; four times as many if rows are days."""
HEAD: Final = (
    "numbers",
    "rows",
    "promised a month",
    "measured (95 %)",
    "measured / promised",
    "in the first 30 days",
    "months",
)


class World(NamedTuple):
    """The variation of a series beyond that of a Poisson process.

    Attributes:
        name: in the table.
        rows: each row has a random rate.
        days: each day has a random rate.
        seasonal: the rate has a weekly profile.
        exciting: items cause other items (Hawkes).
        drifting: the rate grows or shrinks.
    """

    name: str
    rows: bool = False
    days: bool = False
    seasonal: bool = False
    exciting: bool = False
    drifting: bool = False


WORLDS: Final = (
    World("independent"),
    World("over-dispersed rows", rows=True),
    World("busy days", days=True),
    World("seasonality", seasonal=True),
    World("self-excitation", exciting=True),
    World("drift", drifting=True),
    World("all but the rows", days=True, seasonal=True, exciting=True, drifting=True),
    World("all together", rows=True, days=True, seasonal=True, exciting=True, drifting=True),
)


class Cell(NamedTuple):
    """The parameters of a row of the table."""

    world: World
    step: int
    promise: float
    days: int


def main() -> None:
    """Print the table."""
    options = _arguments()
    with ProcessPoolExecutor() as pool:
        rows = [
            _row(
                options.series, name, Cell(world, STEPS[name], promise, _days(promise, name)), pool
            )
            for name, promise, world in product(options.steps, DAYS, WORLDS)
        ]
    publish("False alarms of series without surges", render(HEAD, rows), options.markdown)


def _days(promise: float, step: str) -> int:
    return DAYS[promise] * (4 if step == "1 d" else 1)


def _row(series: int, step: str, cell: Cell, pool: ProcessPoolExecutor) -> list[str]:
    alarms = list(chain.from_iterable(pool.map(_alarms, [cell] * series, range(series))))
    months = series * cell.days / DAYS_A_MONTH
    measured = rate(len(alarms), months)
    row = [
        cell.world.name,
        step,
        f"{cell.promise:g}",
        f"{measured:.3f}",
        f"{measured.value / cell.promise:.2f}",
        str(sum(alarm < BEGIN + timedelta(days=30) for alarm in alarms)),
        f"{months:.0f}",
    ]
    print("  ".join(row), flush=True)
    return row


def _alarms(cell: Cell, seed: int) -> list[datetime]:
    series = Series(Rule(false_alarms_per_subject_month=cell.promise))
    alerts = (alert for time, value in _values(cell, seed) for alert in series.count(time, value))
    return [alert.detected_at for alert in alerts if alert.status == "firing"]


def _values(cell: Cell, seed: int) -> Iterator[tuple[datetime, float]]:
    dice = np.random.default_rng([seed, cell.step, WORLDS.index(cell.world)])
    fine = _counts(cell, dice)
    rows = fine[: len(fine) // cell.step * cell.step].reshape(-1, cell.step).sum(axis=1)
    for number, value in enumerate(rows.tolist(), 1):
        yield BEGIN + number * cell.step * FINE, value


def _counts(cell: Cell, dice: np.random.Generator) -> NDArray[np.int64]:
    world, size = cell.world, cell.days * A_DAY
    times = np.arange(size) / AN_HOUR
    mean = np.full(size, LEVEL / AN_HOUR * np.exp(dice.standard_normal()))
    if world.days:
        mean *= _each(A_DAY, size, dice)
    if world.rows:
        mean *= _each(cell.step, size, dice)
    if world.seasonal:
        mean *= WEEK[times.astype(int) % len(WEEK)]
    if world.drifting:
        mean *= np.exp(dice.uniform(-1.0, 1.0) * np.log(DRIFT) * times / (24 * 182.6))
    return _excited(mean, dice) if world.exciting else dice.poisson(mean)


def _each(span: int, size: int, dice: np.random.Generator) -> NDArray[np.float64]:
    """Return a gamma distributed factor with mean 1 for each span, repeated for its rows."""
    factors = dice.gamma(DISPERSION, 1.0 / DISPERSION, -(-size // span))
    return np.repeat(factors, span)[:size]


def _excited(mean: NDArray[np.float64], dice: np.random.Generator) -> NDArray[np.int64]:
    """Return counts of a Hawkes process with this mean, drawn generation by generation."""
    born = dice.poisson(mean * (1.0 - BRANCHING))
    total = born.copy()
    while born.any():
        parents = np.repeat(np.arange(len(mean)), dice.poisson(BRANCHING * born))
        rows = (parents + dice.exponential(MEMORY * AN_HOUR, len(parents))).astype(np.int64)
        born = np.bincount(rows[rows < len(mean)], minlength=len(mean))
        total += born
    return total


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=12, help="number of series for each world")
    parser.add_argument("--steps", choices=STEPS, nargs="+", default=list(STEPS))
    parser.add_argument("--markdown", type=Path, help="also write the table to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
