"""Fit the simulated news of `news_world.py` on real news: ``python bench/news_fit.py``.

It reads the two archives of headlines in ``../shared/data`` with the model of the settings, whose
scores are kept as those of ``newsquake backtest`` are, and writes numbers alone into
``news_fit.json``. How well the model reads is measured on labelled months that it did not learn.
"""

import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from labelling.agreement import sentiment
from labelling.quality import questions
from news_company import EPOCH, Company
from numpy.typing import NDArray
from severity_weight import ARCHIVES, DATA, LARGE, ROOT, write_signals

from backtest.events import read_events
from detection.evaluation import KnownEvent
from detection.expected.bin_clock import WEEK
from infra.settings.model import Settings, load
from nlp import load as models
from schemas.signal import Signal

FILE: Final = Path(__file__).parent / "news_fit.json"
DAY: Final = timedelta(days=1)
WORKDAYS: Final = 5
MIN_DAILY: Final = 0.3
"""Stories a workday of the companies whose days are compared."""
MIN_RATE: Final = 0.1
"""Stories a day of the companies that are fitted; below it there is nothing to see."""
BEFORE, AFTER = 60, 60
"""Days around a crisis that its shape is fitted on."""
CALM_BEFORE: Final = 15
"""Days before a crisis that do not count as usual any more."""
MIN_FACTOR: Final = 2.0
"""Peak of a crisis, as a multiple of the usual, from which its shape can be told."""
SLOW_DAYS: Final = 2.0
"""Days of rise from which a crisis is called slow."""
QUANTILES: Final = 41


def main() -> None:
    """Write the fit."""
    settings = load(None, os.environ)
    companies: dict[str, dict[str, Company]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, archive in ARCHIVES.items():
            path = Path(folder) / f"{name}.jsonl"
            write_signals(settings, archive, path)
            companies[name] = read(path)
    reuters = companies["reuters"]
    crises = read_events(ROOT / "docs/events/crises-2007-2009.json")
    fit = {
        "model": settings.nlp.model,
        **fit_rates([*reuters.values(), *companies["rss"].values()]),
        **fit_tone(settings, reuters.values()),
        **fit_days(list(reuters.values())),
        **fit_copies(reuters.values()),
        "events": fit_events(reuters, crises),
    }
    FILE.write_text(json.dumps(rounded(fit), indent=1) + "\n")
    print(FILE.read_text())


def read(path: Path) -> dict[str, Company]:
    """Return the companies in a file of signals."""
    with path.open("rb") as lines:
        signals = [Signal.from_bytes(line.rstrip(b"\n")) for line in lines]
    companies: dict[str, Company] = defaultdict(Company)
    for signal in sorted(signals, key=lambda it: (it.published, it.key)):
        if signal.subject.startswith("company:"):
            companies[signal.subject].add(signal)
    return dict(companies)


def fit_rates(companies: Sequence[Company]) -> dict[str, Any]:
    """Return how many stories a day companies have, and how the hours of a week differ."""
    rates = []
    for company in companies:
        span = company.hours[-1] // 24 - company.hours[0] // 24 + 1 if company.hours else 0
        if span > 0 and len(company.hours) / span >= MIN_RATE:
            rates.append(len(company.hours) / span)
    hours = np.concatenate([np.array(company.hours, dtype=np.int64) for company in companies])
    week = np.bincount(hours % WEEK, minlength=WEEK).astype(float)
    logs = np.log(rates)
    return {
        "companies": len(rates),
        "rate_log_mean": logs.mean(),
        "rate_log_spread": logs.std(),
        "week": week / week.mean(),
    }


def fit_tone(settings: Settings, companies: Iterable[Company]) -> dict[str, Any]:
    """Return what the model says of bad news and of other news, and how much news is bad.

    The probabilities are quantiles. The share of bad news of a company is such that the mean
    probability is what is observed; shares of all companies are a Beta distribution.
    """
    asked = [row for row in questions("held-out", DATA) if not row.is_one_of_several]
    model = models.load(settings.nlp)
    scores = model.classify([row.text for row in asked])
    negative = np.array([score.negative for score in scores])
    is_bad = np.array([sentiment(row.label) == "negative" for row in asked])
    steps = np.linspace(0.0, 1.0, QUANTILES)
    bad, other = negative[is_bad], negative[~is_bad]
    means = np.array([np.mean(it.negative) for it in companies if len(it.negative) >= WEEK])
    shares = np.clip((means - other.mean()) / (bad.mean() - other.mean()), 0.01, 0.95)
    mean, variance = shares.mean(), shares.var()
    size = mean * (1.0 - mean) / variance - 1.0
    return {
        "labelled": len(asked),
        "bad_read_as": np.quantile(bad, steps),
        "other_read_as": np.quantile(other, steps),
        "bad_share_beta": [mean * size, (1.0 - mean) * size],
    }


def fit_days(companies: Sequence[Company]) -> dict[str, Any]:
    """Return how much days differ: of one company, and of all together.

    A day's stories have the variance m + m² / shape. The market's moves are the day-to-day changes
    of the whole against its own last four weeks, beyond what chance and single companies explain.
    """
    begin = min(company.hours[0] for company in companies) // 24
    end = max(company.hours[-1] for company in companies) // 24 + 1
    tables = [company.days(begin, end) for company in companies if company.hours]
    workdays = (np.arange(begin, end) % 7) < WORKDAYS
    shapes = []
    for stories, _ in tables:
        days = stories[workdays]
        mean, variance = days.mean(), _robust_variance(days)
        if mean >= MIN_DAILY and variance > mean:
            shapes.append(mean * mean / (variance - mean))
    volume = np.sum([stories for stories, _ in tables], axis=0)[workdays]
    negative = np.sum([bad for _, bad in tables], axis=0)[workdays]
    share = np.clip(negative / np.maximum(volume, 1.0), 0.01, 0.99)
    busy, odds = _departures(np.log(volume + 1.0)), _departures(np.log(share / (1.0 - share)))
    return {
        "day_shape": float(np.median(shapes)),
        "market_volume_spread": _robust_spread(busy),
        "market_odds_spread": _robust_spread(odds),
        "market_memory": float(np.corrcoef(odds[:-1], odds[1:])[0, 1]),
    }


def fit_copies(companies: Iterable[Company]) -> dict[str, Any]:
    """Return how many copies a story has on average, and the mean delay of one in hours."""
    stories = copies = 0
    delays: list[float] = []
    for company in companies:
        stories += len(company.hours)
        copies += len(company.copies)
        delays += company.copies
    return {"copies": copies / stories, "copy_hours": float(np.mean(delays))}


def fit_events(
    companies: Mapping[str, Company], crises: Sequence[KnownEvent]
) -> dict[str, dict[str, float]]:
    """Return the shapes of fast and slow large crises: mean days of rise, plateau and decay."""
    shapes: dict[str, list[tuple[float, float, float]]] = {"fast": [], "slow": []}
    for crisis in (it for it in crises if it.size == LARGE):
        known = [companies[name] for name in crisis.subjects if name in companies]
        if known and (shape := shape_of(known[0], (crisis.begin - EPOCH) // DAY)):
            shapes["slow" if shape[0] >= SLOW_DAYS else "fast"].append(shape)
    fields = ("rise", "plateau", "decay")
    return {
        kind: {
            "crises": len(rows),
            **dict(zip(fields, np.mean(rows, axis=0).tolist(), strict=True)),
        }
        for kind, rows in shapes.items()
    }


def shape_of(company: Company, day: int) -> tuple[float, float, float] | None:
    """Return the days of rise, plateau and decay of a crisis; None if it can't be told.

    The crisis is the excess of negative stories over the usual. It rises from a quarter of its peak
    on, its plateau is the time above half of it, and it decays to a quarter.
    """
    _, negative = company.days(day - BEFORE, day + AFTER)
    usual = negative[: BEFORE - CALM_BEFORE].mean()
    excess = np.maximum(negative[BEFORE - CALM_BEFORE :] - usual, 0.0)
    peak = int(excess[: CALM_BEFORE * 3].argmax())
    top = excess[peak]
    if usual <= 0.0 or top < max(MIN_FACTOR * usual, 2.0):
        return None
    begin = peak
    while begin > 0 and excess[max(begin - 2, 0) : begin].max() >= top / 4:
        begin -= 1
    end = peak
    while end + 1 < len(excess) and excess[end + 1 : end + 3].max() >= top / 4:
        end += 1
    plateau = int((excess[begin : end + 1] >= top / 2).sum())
    return float(peak - begin), float(plateau), float(max(end - peak, 0))


def _departures(values: NDArray[np.float64], window: int = 20) -> NDArray[np.float64]:
    """Return each value minus the median of the ``window`` before it."""
    return np.array(
        [values[end] - np.median(values[end - window : end]) for end in range(window, len(values))]
    )


def _robust_spread(values: NDArray[np.float64]) -> float:
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


def _robust_variance(days: NDArray[np.float64]) -> float:
    """Return the variance of days without the busiest of a hundred, which may be of a crisis."""
    kept = np.sort(days)[: max(int(len(days) * 0.99), 2)]
    return float(kept.var())


def rounded(value: Any) -> Any:
    """Return nested numbers with four digits."""
    if isinstance(value, Mapping):
        return {name: rounded(item) for name, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [rounded(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(f"{value:.4g}")
    return value


if __name__ == "__main__":
    main()
