"""Compare false alarms with the promise, and count surges found, in synthetic news.

``python bench/detection_contest.py`` takes about a quarter of an hour, ``--quick`` a minute or two.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import product
from math import inf, isfinite, nan
from pathlib import Path
from statistics import mean, median
from typing import Final, NamedTuple

import news_world
from intervals import Interval, rate, share
from reference_stream import ReferenceStream
from synthetic import BEGIN, EFFECTS, HOUR, LEARNING, WORLDS, Stream, stream
from table import publish, render

from backtest.alert_history import AlertHistory, group_by_alert
from detection.evaluation import AlertSpan, Evaluation, KnownEvent, evaluate
from detection.population import Population
from detection.reference_detectors.registry import REFERENCE_DETECTORS, ReferenceDetector
from detection.reference_detectors.tuning import tune_threshold
from detection.rule import Rule

PROMISES: Final = (1.0, 0.1, 0.01)
SUBJECTS: Final = 200
DAYS: Final = {1.0: 90, 0.1: 240, 0.01: 600}
"""Days simulated for each promise: 591, 1 577 and 3 943 subject-months."""
CONTEST_DAYS: Final = 300
SURGES: Final = 3
WIDTHS: Final = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
"""Bin widths of the reference detectors; each is shown with the one that finds most surges.
River's detectors, which must run again for every threshold, are not tried with the shortest."""
NAMES: Final = (*(world.name for world in WORLDS), news_world.NAME)
"""Kinds of simulated news; the last two are those of the contest."""
EARLY: Final = timedelta(days=28)
"""The first weeks, whose false alarms are also counted apart."""


class Score(NamedTuple):
    """The result of a detector; each list has an entry for each effect size.

    Attributes:
        title: names the detector in the tables.
        false: false alarms a subject-month, in quiet news.
        discoveries: share of the alerts that are false, in news with surges.
        recalls: share of the surges found.
        halves: median delay in hours; that of a missed surge is infinite.
        delays: median delay of the surges found, in hours.
        means: mean delay in hours; that of a missed surge is the surge's length.
    """

    title: str
    false: Interval
    discoveries: Interval
    recalls: list[Interval]
    halves: list[float]
    delays: list[float]
    means: list[float]


def main() -> None:
    """Print the tables."""
    options = _arguments()
    tables = []
    if "promise" in options.parts:
        tables.append(_promise_table(options))
    if "contest" in options.parts:
        if WORLDS[-1].name in options.worlds:
            tables.append(_contest_table(options, WORLDS[-1].name))
        if news_world.NAME in options.worlds:
            tables += [_contest_table(options, news_world.NAME, it) for it in news_world.KINDS]
    publish("Detection in synthetic news", "\n".join(tables), options.markdown)


def _stream(
    world: str, days: int, seed: int, surges: int = 0, kind: news_world.Kind | None = None
) -> Stream:
    if world == news_world.NAME:
        return news_world.stream(SUBJECTS, days, seed, kind, surges)
    (found,) = (it for it in WORLDS if it.name == world)
    return stream(found, SUBJECTS, days, seed, surges)


def _promise_table(options: argparse.Namespace) -> str:
    head = [
        "news",
        "promised a month",
        "measured (95 %)",
        "measured / promised",
        "in the first 28 days",
        "subject-months",
    ]
    rows = [
        _promised(world, promise, options)
        for world, promise in product(options.worlds, options.promises)
    ]
    return render(head, rows)


def _promised(world: str, promise: float, options: argparse.Namespace) -> list[str]:
    days = DAYS[promise] // options.shorter
    quiet = _stream(world, days, options.seed)
    alerts = _ours(promise, options.seed)(quiet)
    early = sum(alert.changes[0] < BEGIN + EARLY for alert in alerts)
    measured = rate(len(alerts), quiet.months)
    ratio = measured.value / promise
    row = [world, f"{promise:g}", f"{measured:.4f}", f"{ratio:.2f}"]
    row += [str(early), f"{quiet.months:.0f}"]
    print("  ".join(row), flush=True)
    return row


def _contest_table(
    options: argparse.Namespace, world: str, kind: news_world.Kind | None = None
) -> str:
    days, surges = CONTEST_DAYS // min(options.shorter, 2), SURGES // min(options.shorter, 2)
    quiet = _stream(world, days, options.seed + 1)
    loud = _stream(world, days, options.seed + 2, surges, kind)
    scores = []
    for promise in options.contest:
        ours = _ours(promise, options.seed)
        false = len(_after_learning(ours(quiet)))
        title = f"ours, promise {promise:g}"
        scores.append(_score(title, false, _evaluate(ours(loud), loud), quiet, loud))
        for baseline in REFERENCE_DETECTORS:
            scores.append(_best(baseline, false, quiet, loud))
            print(scores[-1].title, flush=True)
    length = loud.planted[0].length / timedelta(days=1)
    heading = f"{world}, {len(loud.planted)} {kind or 'constant'} surges of {length:.3g} days\n"
    return "\n".join([heading, *_score_tables(scores)])


def _score_tables(scores: Sequence[Score]) -> Iterator[str]:
    sizes = [str(effect) for effect in EFFECTS]
    rows = [
        [
            score.title,
            f"{score.false:.3f}",
            f"{score.discoveries:.2f}",
            *(f"{recall:.2f}" for recall in score.recalls),
        ]
        for score in scores
    ]
    yield render(["recall", "false a month, quiet", "false discoveries", *sizes], rows)
    rows = [[score.title, *map(_hours, score.halves)] for score in scores]
    yield render(["median delay, a miss is never found, hours", *sizes], rows)
    rows = [[score.title, *map(_hours, score.delays)] for score in scores]
    yield render(["median delay of those found, hours", *sizes], rows)
    rows = [[score.title, *(f"{delay:.1f}" for delay in score.means)] for score in scores]
    yield render(["mean delay, a miss counted as the surge's length", *sizes], rows)


def _hours(delay: float) -> str:
    return f"{delay:.0f}" if isfinite(delay) else "\u2013"


def _best(baseline: ReferenceDetector, allowed: int, quiet: Stream, loud: Stream) -> Score:
    """Return the score with the bin width that finds most surges, chosen in hindsight."""
    attempts: list[tuple[int, int, Score]] = []
    for width in WIDTHS if baseline.scorer else WIDTHS[1:]:
        calm, busy = ReferenceStream(baseline, quiet, width), ReferenceStream(baseline, loud, width)

        def false_alarms(threshold: float, calm: ReferenceStream = calm) -> int:
            return len(_after_learning(calm.raised(threshold)))

        threshold = tune_threshold(baseline, false_alarms, allowed)
        title = f"{baseline.name}, {threshold:.3g} in bins of {width / HOUR:.0f} h"
        evaluation = _evaluate(busy.raised(threshold), loud)
        hits = sum(detected is not None for detected in evaluation.detections)
        score = _score(title, false_alarms(threshold), evaluation, quiet, loud)
        attempts.append((hits, -len(attempts), score))
    return max(attempts)[2]


def _score(title: str, false: int, evaluation: Evaluation, quiet: Stream, loud: Stream) -> Score:
    months = quiet.months * (1.0 - LEARNING / timedelta(days=quiet.days))
    false_share = share(evaluation.false, evaluation.alerts)
    score = Score(title, rate(false, months), false_share, [], [], [], [])
    for effect in range(len(EFFECTS)):
        surges = [
            (surge.begin, detected_at)
            for surge, detected_at in zip(loud.planted, evaluation.detections, strict=True)
            if surge.effect == effect
        ]
        delays = [(end - begin) / HOUR for begin, end in surges if end is not None]
        missed = len(surges) - len(delays)
        length = loud.planted[0].length / HOUR
        score.recalls.append(share(len(delays), len(surges)))
        score.halves.append(median([*delays, *[inf] * missed]))
        score.delays.append(median(delays) if delays else nan)
        score.means.append(mean([*delays, *[length] * missed]))
    return score


def _evaluate(raised: Sequence[AlertSpan], loud: Stream) -> Evaluation:
    return evaluate(_after_learning(raised), events(loud), loud.months)


def events(news: Stream) -> list[KnownEvent]:
    """Return the surges planted in ``news``."""
    return [
        KnownEvent((surge.subject,), surge.begin, surge.begin + surge.length)
        for surge in news.planted
    ]


def _after_learning(raised: Sequence[AlertSpan]) -> list[AlertSpan]:
    """Return the alerts after `LEARNING`, before which some reference detectors are silent."""
    return [alert for alert in raised if alert.changes[-1] >= BEGIN + LEARNING]


def _ours(promise: float, seed: int) -> Callable[[Stream], list[AlertSpan]]:
    return lambda news: [episode.span() for episode in alerted(news, promise, seed)]


def alerted(news: Stream, promise: float, seed: int) -> list[AlertHistory]:
    """Return all alerts of our detector, each from its first to its last message."""
    population = Population(Rule(false_alarms_per_subject_month=promise))
    alerts = [alert for signal in news.signals(seed) for alert in population.count(signal)]
    alerts += population.advance(BEGIN + timedelta(days=news.days))
    return list(group_by_alert(alerts))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", dest="shorter", action="store_const", const=6, default=1)
    parser.add_argument(
        "--shorter", type=int, default=1, help="divide the simulated days by this number"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parts", nargs="+", default=["promise", "contest"])
    parser.add_argument("--worlds", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--promises", type=float, nargs="+", default=PROMISES)
    parser.add_argument(
        "--contest", type=float, nargs="+", default=[0.1], help="promises at which to compare"
    )
    parser.add_argument("--markdown", type=Path, help="also write the tables to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
