"""Measure what a signal costs in the detector: microseconds for each part, without Kafka.

The input is ten days of news about many subjects, in sixteen lineages that are read in chunks, so
that most signals wait for those of slower lineages.
"""

import argparse
import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import NamedTuple

import results
import table

from agents.detect import Detect
from agents.detecting.detector_state import DetectorState
from detection.population import Population
from detection.rule import Rule
from detection.stories.simhash import fingerprint
from schemas.channels import ALERTS
from schemas.signal import Signal
from streams.core.handler import Batch
from streams.core.record import Stored

START = datetime(2024, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=10)
PARTITIONS = 4
FETCHED = 400
"""Signals of one upstream partition in a chunk."""
BATCH = 500


class Cost(NamedTuple):
    """The cost of a part of the detector, in microseconds a signal."""

    part: str
    microseconds: float


def main() -> None:
    """Make signals, time each part of the detector on them, and print a table."""
    options = _arguments()
    records = _records(list(_signals(options.count, options.subjects)), options.count)
    runs = [[*_parts(records), _whole(records)] for _ in range(options.repetitions)]
    rows = []
    for costs in zip(*runs, strict=True):
        numbers = [cost.microseconds for cost in costs]
        spread = f"{median(numbers):.2f} ({min(numbers):.2f}\u2013{max(numbers):.2f})"
        rows.append([costs[0].part, spread])
    title = (
        f"{options.count:,} signals of {options.subjects:,} companies, {options.repetitions} runs; "
        "median (smallest\u2013largest)."
    )
    figures = [{cost.part: cost.microseconds for cost in run} for run in runs]
    results.publish(title, table.render(["", "\u00b5s a signal"], rows), figures, options)


def _signals(count: int, subjects: int) -> Iterator[Signal]:
    dice = random.Random(7)
    weights = [1 / (1 + rank) for rank in range(subjects)]
    names = dice.choices([f"company:C{n:03}" for n in range(subjects)], weights, k=count)
    words = [f"word{n}" for n in range(2_000)]
    for number, name in enumerate(names):
        headline = " ".join(dice.choices(words, k=9))
        negative = dice.betavariate(1, 4)
        yield Signal(
            subject=name,
            key=f"{number:032x}",
            published=START + SPAN * number / count,
            negative=negative,
            neutral=(1 - negative) * 0.7,
            positive=(1 - negative) * 0.3,
            headline=headline,
            source=f"wire-{number % 7}",
            model="bench",
            story=fingerprint(headline),
            lineage=f"{number % PARTITIONS}.{number // PARTITIONS % PARTITIONS}",
        )


def _records(signals: Sequence[Signal], count: int) -> list[Stored]:
    """Return chunks of each accepted partition in turn, sent within minutes."""
    by_partition = [
        [signal for signal in signals if signal.lineage.endswith(f".{n}")]
        for n in range(PARTITIONS)
    ]
    ordered = [
        signal
        for start in range(0, count, FETCHED)
        for partition_signals in by_partition
        for signal in partition_signals[start : start + FETCHED]
    ]
    sent = round((START + SPAN).timestamp() * 1_000)
    return [
        Stored("news.signals", 0, n, sent + n // 8, b"", signal.to_bytes(), ())
        for n, signal in enumerate(ordered)
    ]


def _parts(records: Sequence[Stored]) -> Iterator[Cost]:
    began = time.perf_counter()
    signals = [Signal.from_bytes(record.value) for record in records]
    yield _cost("parse", began, len(records))

    ordering = DetectorState(Rule(), PARTITIONS**2, []).ordering
    ordered: list[Signal] = []
    began = time.perf_counter()
    for signal, record in zip(signals, records, strict=True):
        ordering.offer(signal, record.timestamp / 1000, record.offset)
        ordered.extend(ordering.release())
    yield _cost("ordering", began, len(records))

    population, began = Population(Rule()), time.perf_counter()
    for signal in ordered:
        population.count(signal)
    yield _cost("counting", began, len(ordered))
    yield from _changelog(signals)


def _changelog(signals: Sequence[Signal]) -> Iterator[Cost]:
    state, spent, size = DetectorState(Rule(), PARTITIONS**2, []), 0.0, 0
    for start in range(0, len(signals), BATCH):
        for number, signal in enumerate(signals[start : start + BATCH], start):
            state.offer(signal, number / 8000, number)
        began = time.perf_counter()
        changes = list(state.changes())
        spent += time.perf_counter() - began
        size += sum(len(value or b"") for _, value in changes)
    yield Cost(
        f"changelog, after {BATCH}; {size / len(signals):.0f} bytes", spent / len(signals) * 1e6
    )


def _whole(records: Sequence[Stored]) -> Cost:
    """Return the cost of all parts together.

    Raises:
        SystemExit: A signal was refused, so that less was done than is measured.
    """
    handler = Detect(ALERTS.topic, Rule(), PARTITIONS**2)
    memory, began = handler.recall(0, []), time.perf_counter()

    async def run() -> None:
        for start in range(0, len(records), BATCH):
            batch = Batch(0, records[start : start + BATCH], memory, start)
            (decision,) = await handler.handle([batch])
            if decision.rejections:
                raise SystemExit(f"a signal was refused: {decision.rejections[0].reason}")

    asyncio.run(run())
    return _cost("all of it", began, len(records))


def _cost(part: str, began: float, count: int) -> Cost:
    return Cost(part, (time.perf_counter() - began) / count * 1e6)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--subjects", type=int, default=300)
    parser.add_argument("--repetitions", type=int, default=3)
    results.add_options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
