"""False alarms against the promise, and surges found, in synthetic news; ours and the others.

``python bench/detection.py`` takes about a quarter of an hour, ``--quick`` a minute or two.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import product
from math import inf, isfinite, nan
from pathlib import Path
from statistics import mean, median
from typing import Final, NamedTuple

from intervals import Interval, rate, share
from synthetic import BEGIN, EFFECTS, HOUR, LEARNING, SURGE, WORLDS, Stream, World, name, stream
from table import publish, render

from backtest.alert_history import AlertHistory, group_by_alert
from detection.evaluation import AlertSpan, Evaluation, KnownEvent, evaluate
from detection.population import Population
from detection.reference_detectors.binned_series import BinnedSeries
from detection.reference_detectors.detector_run import BinRange, DetectorRun
from detection.reference_detectors.registry import REFERENCE_DETECTORS, ReferenceDetector
from detection.reference_detectors.tuning import tune_threshold
from detection.rule import Rule

PROMISES: Final = (1.0, 0.1, 0.01)
SUBJECTS: Final = 200
DAYS: Final = {1.0: 90, 0.1: 240, 0.01: 600}
"""Simulated for each promise: 591, 1 577 and 3 943 subject-months."""
CONTEST_DAYS: Final = 300
SURGES: Final = 3
WIDTHS: Final = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
"""Bins of the baselines; each is shown with those that let it find most. River's, which have to be
run anew for every threshold, are not given the shortest."""
HOLD: Final = timedelta(days=1)
BACK: Final = timedelta(days=28)


class Score(NamedTuple):
    """How a detector did; lists go by effect size."""

    title: str
    false: Interval
    discoveries: Interval
    recalls: list[Interval]
    halves: list[float]
    delays: list[float]
    means: list[float]


def main() -> None:
    """Print the tables."""
    asked = _arguments()
    worlds = [world for world in WORLDS if world.name in asked.worlds]
    tables = []
    if "promise" in asked.parts:
        tables.append(_promise_table(asked, worlds))
    if "contest" in asked.parts:
        tables += [_contest_table(asked, world) for world in worlds[-1:]]
    publish("Detection in synthetic news", "\n".join(tables), asked.markdown)


def _promise_table(asked: argparse.Namespace, worlds: Sequence[World]) -> str:
    head = [
        "news",
        "promised a month",
        "measured (95 %)",
        "measured / promised",
        "in the first 28 days",
        "subject-months",
    ]
    rows = [_promised(world, promise, asked) for world, promise in product(worlds, asked.promises)]
    return render(head, rows)


def _promised(world: World, promise: float, asked: argparse.Namespace) -> list[str]:
    days = DAYS[promise] // asked.shorter
    quiet = stream(world, SUBJECTS, days, asked.seed)
    alerts = _ours(promise, asked.seed)(quiet)
    early = sum(alert.changes[0] < BEGIN + BACK for alert in alerts)
    found = rate(len(alerts), quiet.months)
    row = [
        world.name,
        f"{promise:g}",
        f"{found:.4f}",
        f"{found.value / promise:.2f}",
        str(early),
        f"{quiet.months:.0f}",
    ]
    print("  ".join(row), flush=True)
    return row


def _contest_table(asked: argparse.Namespace, world: World) -> str:
    days, surges = CONTEST_DAYS // min(asked.shorter, 2), SURGES // min(asked.shorter, 2)
    quiet = stream(world, SUBJECTS, days, asked.seed + 1)
    loud = stream(world, SUBJECTS, days, asked.seed + 2, surges)
    found = []
    for promise in asked.contest:
        ours = _ours(promise, asked.seed)
        false = len(_later(ours(quiet)))
        title = f"ours, promise {promise:g}"
        found.append(_score(title, false, _judged(ours(loud), loud), quiet, loud))
        for baseline in REFERENCE_DETECTORS:
            found.append(_best(baseline, false, quiet, loud))
            print(found[-1].title, flush=True)
    return "\n".join([f"{world.name}, {len(loud.planted)} surges of three days\n", *_three(found)])


def _three(found: Sequence[Score]) -> Iterator[str]:
    sizes = [str(effect) for effect in EFFECTS]
    rows = [
        [it.title, f"{it.false:.3f}", f"{it.discoveries:.2f}", *map(_short, it.recalls)]
        for it in found
    ]
    yield render(["recall", "false a month, quiet", "false discoveries", *sizes], rows)
    rows = [[it.title, *map(_hours, it.halves)] for it in found]
    yield render(["median delay, a miss is never found, hours", *sizes], rows)
    rows = [[it.title, *map(_hours, it.delays)] for it in found]
    yield render(["median delay of those found, hours", *sizes], rows)
    rows = [[it.title, *(f"{delay:.1f}" for delay in it.means)] for it in found]
    yield render(["mean delay, a miss counted as 72 hours", *sizes], rows)


def _hours(delay: float) -> str:
    return f"{delay:.0f}" if isfinite(delay) else "\u2013"


def _short(interval: Interval) -> str:
    return f"{interval:.2f}"


def _best(baseline: ReferenceDetector, allowed: int, quiet: Stream, loud: Stream) -> Score:
    """With the bin width that finds most, in hindsight."""
    tries = []
    for width in WIDTHS if baseline.scorer else WIDTHS[1:]:
        calm, busy = _Watched(baseline, quiet, width), _Watched(baseline, loud, width)
        threshold = tune_threshold(
            baseline, lambda it, calm=calm: len(_later(calm.raised(it))), allowed
        )
        title = f"{baseline.name}, {threshold:.3g} in bins of {width / HOUR:.0f} h"
        judged = _judged(busy.raised(threshold), loud)
        hits = sum(at is not None for at in judged.detections)
        found = _score(title, len(_later(calm.raised(threshold))), judged, quiet, loud)
        tries.append((hits, -len(tries), found))
    return max(tries)[2]


class _Watched:
    """One baseline over all subjects of a stream."""

    def __init__(self, baseline: ReferenceDetector, news: Stream, width: timedelta) -> None:
        self._binned = _binned(news, width)
        memory, hold = max(BACK // width, 28), max(HOLD // width, 1)
        self._watched = {
            it: DetectorRun(baseline, self._binned.values(it), memory, hold)
            for it in self._binned.names
        }

    def raised(self, threshold: float) -> list[AlertSpan]:
        return [
            self._raised(series, it)
            for series, watched in self._watched.items()
            for it in watched.alerts(threshold)
        ]

    def _raised(self, series: str, episode: BinRange) -> AlertSpan:
        end = None if episode.end is None else self._binned.end(series, episode.end)
        return AlertSpan((series,), (self._binned.end(series, episode.first),), end)


def _score(title: str, false: int, judged: Evaluation, quiet: Stream, loud: Stream) -> Score:
    months = quiet.months * (1.0 - LEARNING / timedelta(days=quiet.days))
    found = Score(title, rate(false, months), share(judged.false, judged.alerts), [], [], [], [])
    for effect in range(len(EFFECTS)):
        both = zip(loud.planted, judged.detections, strict=True)
        ends = [(it.begin, at) for it, at in both if it.effect == effect]
        delays = [(at - begin) / HOUR for begin, at in ends if at is not None]
        found.recalls.append(share(len(delays), len(ends)))
        found.halves.append(median([*delays, *[inf] * (len(ends) - len(delays))]))
        found.delays.append(median(delays) if delays else nan)
        found.means.append(mean([*delays, *[SURGE / HOUR] * (len(ends) - len(delays))]))
    return found


def _judged(raised: Sequence[AlertSpan], loud: Stream) -> Evaluation:
    return evaluate(_later(raised), events(loud), loud.months)


def events(news: Stream) -> list[KnownEvent]:
    """The surges in ``news``."""
    return [KnownEvent((it.subject,), it.begin, it.begin + SURGE) for it in news.planted]


def _later(raised: Sequence[AlertSpan]) -> list[AlertSpan]:
    """Those after everybody had time to learn; some of the others are silent before."""
    return [it for it in raised if it.changes[-1] >= BEGIN + LEARNING]


def _ours(promise: float, seed: int) -> Callable[[Stream], list[AlertSpan]]:
    return lambda news: [it.span() for it in alerted(news, promise, seed)]


def alerted(news: Stream, promise: float, seed: int) -> list[AlertHistory]:
    """All alerts of our detector, each from its beginning to its end."""
    population = Population(Rule(false_alarms_per_subject_month=promise))
    alerts = [it for signal in news.signals(seed) for it in population.count(signal)]
    alerts += population.advance(BEGIN + timedelta(days=news.days))
    return group_by_alert(alerts)


def _binned(news: Stream, width: timedelta) -> BinnedSeries:
    binned = BinnedSeries(width)
    columns = zip(news.hours.tolist(), news.owner.tolist(), news.negative.tolist(), strict=True)
    for hour, owner, negative in columns:
        binned.add(name(owner), BEGIN + hour * HOUR, negative)
    return binned


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", dest="shorter", action="store_const", const=6, default=1)
    parser.add_argument("--shorter", type=int, default=1, help="simulate so many times less")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parts", nargs="+", default=["promise", "contest"])
    parser.add_argument("--worlds", nargs="+", default=[world.name for world in WORLDS])
    parser.add_argument("--promises", type=float, nargs="+", default=PROMISES)
    parser.add_argument("--contest", type=float, nargs="+", default=[0.1], help="promises")
    parser.add_argument("--markdown", type=Path, help="also write the tables to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
