"""How many of the alerts called discoveries are false, in synthetic news in which little happens.

``python bench/discoveries.py`` takes about ten minutes, ``--runs 4`` two.
"""

import argparse
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Final, NamedTuple

import numpy as np
from simulation import alerted, events
from synthetic import WORLDS, Stream, stream
from table import publish, render

from backtest.alert_history import AlertHistory
from detection.evaluation import Evaluation, evaluate
from detection.evidence.online_fdr import ALERT_DECAY

SUBJECTS: Final = 200
DAYS: Final = 120
MOVED: Final = (0, 5, 40)
"""Subjects with one surge each, the five sizes in turn."""
PROMISES: Final = (1.0, 0.1)
LARGE: Final = 2
"""Index of the smallest of the three large sizes, x5."""
HEAD: Final = (
    "surges",
    "promise",
    "alerts a run",
    "of them false",
    "discoveries a run",
    "of them false",
    "rate of recent false discoveries (95 %)",
    "of surges from x5 up alerted",
    "discovered",
)


class Run(NamedTuple):
    """One stream: all its alerts, and its discoveries, held against the surges in it.

    ``large`` says which of the surges are; ``recent`` is the rate that the rule is to keep.
    """

    alerts: Evaluation
    discoveries: Evaluation
    large: tuple[bool, ...]
    recent: float


def main() -> None:
    """Print the table."""
    asked = _arguments()
    rows = [_row(moved, promise, asked) for moved, promise in product(MOVED, PROMISES)]
    publish("Discoveries in synthetic news", render(HEAD, rows), asked.markdown)


def _row(moved: int, promise: float, asked: argparse.Namespace) -> list[str]:
    seeds = range(asked.seed, asked.seed + asked.runs)
    runs = [_run(stream(WORLDS[-1], SUBJECTS, DAYS, it, 1, moved), promise, it) for it in seeds]
    alerts, found = [it.alerts for it in runs], [it.discoveries for it in runs]
    row = [
        str(moved),
        f"{promise:g}",
        f"{fmean(it.alerts for it in alerts):.1f}",
        f"{fmean(map(_false, alerts)):.2f}",
        f"{fmean(it.alerts for it in found):.2f}",
        f"{sum(it.false for it in found) / max(sum(it.alerts for it in found), 1):.2f}",
        _mean([it.recent for it in runs]),
        _recall(runs, alerts),
        _recall(runs, found),
    ]
    print("  ".join(row), flush=True)
    return row


def _run(news: Stream, promise: float, seed: int) -> Run:
    episodes = alerted(news, promise, seed)
    sure = [it for it in episodes if it.last.discovery]
    large = tuple(it.effect >= LARGE for it in news.planted)
    return Run(_judged(episodes, news), _judged(sure, news), large, _recent(episodes, news))


def _judged(episodes: Sequence[AlertHistory], news: Stream) -> Evaluation:
    return evaluate([it.span() for it in episodes], events(news), news.months)


def _false(judged: Evaluation) -> float:
    """The share of false ones, 0 of none."""
    return judged.false / max(judged.alerts, 1)


def _recent(episodes: Sequence[AlertHistory], news: Stream) -> float:
    """False discoveries by discoveries, or by one, the older the less; the mean over all alerts."""
    false = found = 0.0
    rates = []
    for it in episodes:
        false, found = false * ALERT_DECAY, found * ALERT_DECAY
        if it.last.discovery:
            false += _judged([it], news).false
            found += 1.0
        rates.append(false / max(found, 1.0))
    return fmean(rates) if rates else 0.0


def _mean(values: Sequence[float]) -> str:
    """With an interval by the bootstrap's percentiles."""
    dice = np.random.default_rng(0)
    means = dice.choice(values, (10_000, len(values))).mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{fmean(values):.3f} ({low:.3f}\u2013{high:.3f})"


def _recall(runs: Sequence[Run], judged: Sequence[Evaluation]) -> str:
    hits = [
        at is not None
        for run, one in zip(runs, judged, strict=True)
        for at, large in zip(one.detections, run.large, strict=True)
        if large
    ]
    return f"{fmean(hits):.2f}" if hits else ""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="streams for each row")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markdown", type=Path, help="also write the table to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
