"""Count the false discoveries in synthetic news in which little happens.

``python bench/discoveries.py`` takes about ten minutes, ``--runs 4`` two.
"""

import argparse
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Final, NamedTuple

import numpy as np
from detection_contest import alerted, events
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
    """The evaluation of one stream.

    Attributes:
        alerts: all alerts against the planted surges.
        discoveries: discoveries against the planted surges.
        large: for each surge, whether it is large.
        recent: rate of recent false discoveries, which the rule controls.
    """

    alerts: Evaluation
    discoveries: Evaluation
    large: tuple[bool, ...]
    recent: float


def main() -> None:
    """Print the table."""
    options = _arguments()
    rows = [_row(moved, promise, options) for moved, promise in product(MOVED, PROMISES)]
    publish("Discoveries in synthetic news", render(HEAD, rows), options.markdown)


def _row(moved: int, promise: float, options: argparse.Namespace) -> list[str]:
    seeds = range(options.seed, options.seed + options.runs)
    runs = [
        _run(stream(WORLDS[-1], SUBJECTS, DAYS, seed, 1, moved), promise, seed) for seed in seeds
    ]
    alerts, discoveries = [run.alerts for run in runs], [run.discoveries for run in runs]
    false_discoveries = sum(evaluation.false for evaluation in discoveries)
    all_discoveries = sum(evaluation.alerts for evaluation in discoveries)
    row = [
        str(moved),
        f"{promise:g}",
        f"{fmean(evaluation.alerts for evaluation in alerts):.1f}",
        f"{fmean(map(_false_share, alerts)):.2f}",
        f"{fmean(evaluation.alerts for evaluation in discoveries):.2f}",
        f"{false_discoveries / max(all_discoveries, 1):.2f}",
        _mean([run.recent for run in runs]),
        _recall(runs, alerts),
        _recall(runs, discoveries),
    ]
    print("  ".join(row), flush=True)
    return row


def _run(news: Stream, promise: float, seed: int) -> Run:
    episodes = alerted(news, promise, seed)
    discoveries = [episode for episode in episodes if episode.last.discovery]
    large = tuple(surge.effect >= LARGE for surge in news.planted)
    return Run(
        _evaluate(episodes, news), _evaluate(discoveries, news), large, _recent(episodes, news)
    )


def _evaluate(episodes: Sequence[AlertHistory], news: Stream) -> Evaluation:
    return evaluate([episode.span() for episode in episodes], events(news), news.months)


def _false_share(evaluation: Evaluation) -> float:
    """Return the share of false alerts; 0 if there are no alerts."""
    return evaluation.false / max(evaluation.alerts, 1)


def _recent(episodes: Sequence[AlertHistory], news: Stream) -> float:
    """Return the mean, over all alerts, of the false discovery rate with exponential forgetting."""
    false = discoveries = 0.0
    rates = []
    for episode in episodes:
        false, discoveries = false * ALERT_DECAY, discoveries * ALERT_DECAY
        if episode.last.discovery:
            false += _evaluate([episode], news).false
            discoveries += 1.0
        rates.append(false / max(discoveries, 1.0))
    return fmean(rates) if rates else 0.0


def _mean(values: Sequence[float]) -> str:
    """Return the mean with its interval by a percentile bootstrap."""
    dice = np.random.default_rng(0)
    means = dice.choice(values, (10_000, len(values))).mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{fmean(values):.3f} ({low:.3f}\u2013{high:.3f})"


def _recall(runs: Sequence[Run], evaluations: Sequence[Evaluation]) -> str:
    """Return the share of large surges that were detected."""
    hits = [
        detected_at is not None
        for run, evaluation in zip(runs, evaluations, strict=True)
        for detected_at, large in zip(evaluation.detections, run.large, strict=True)
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
