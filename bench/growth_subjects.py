"""What the detector costs while subjects become more: memory and time of each, without Kafka.

Each size runs in a process of its own, and times are of its processor. Every subject has two
signals in each of two hours, so all of them are at work in each bin, which is the worst case. A
size for which the machine has too little memory is left out, and said to be.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import growth
from growth import Axis, Point

if TYPE_CHECKING:
    from schemas.signal import Signal

SIZES: Final = [100, 1_000, 10_000, 100_000, 1_000_000]
BINS: Final = 2
SIGNALS: Final = 2
"""Of each subject in each bin."""
_BEGIN: Final = datetime(2024, 1, 1, tzinfo=UTC)
_MEMORY_SHARE: Final = 0.8
"""A size may need so much of the memory that is free."""
_CHUNK: Final = 10_000
"""Signals are made so many at a time, so that they take no memory."""


def main() -> None:
    """Measure each size in turn and write table and curve; with ``--one``, measure it here."""
    options = _arguments()
    if options.one:
        print(json.dumps(_measure(options.one)))
        return
    points, left_out = _points(options.sizes)
    axes = [
        Axis("subjects", "subjects"),
        Axis("step", "CPU µs a signal", 1),
        Axis("close", "CPU µs a subject and bin", 1),
        Axis("memory", "bytes of memory a subject"),
        Axis("state", "bytes of changelog a subject"),
    ]
    title = f"{SIGNALS} signals of each subject in each of {BINS} hours, one run each."
    growth.publish(title, points, axes, limit(points, left_out), options)


def limit(points: Sequence[Point], left_out: Sequence[int]) -> str:
    """Return how the cost of a signal grows, and what the most subjects take."""
    missing = "".join(
        f" {size:,} were not measured: this machine has too little memory for them."
        for size in left_out
    )
    first, last = points[0], points[-1]
    total = last["subjects"] * last["memory"] / 1e9
    pause = last["subjects"] * last["close"] / 1e6
    return (
        f"A signal costs {last['step'] / first['step']:.1f} times as much with "
        f"{last['subjects']:,.0f} subjects as with {first['subjects']:,.0f}. Memory is what ends "
        f"it: {last['subjects']:,.0f} take {total:.1f} GB, and the end of a bin in which all of "
        f"them have news takes {pause:.1f} s.{missing}"
    )


def _points(sizes: Sequence[int]) -> tuple[list[Point], list[int]]:
    """Return the points, and the sizes for which there is too little memory."""
    points: list[Point] = []
    left_out = []
    for size in sizes:
        expected = size * max((point["memory"] for point in points), default=0.0)
        if expected > _MEMORY_SHARE * _available():
            left_out.append(size)
            continue
        points.append(_spawn(size))
    return points, left_out


def _available() -> float:
    """Return the bytes of memory that nothing uses."""
    lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    return next(1024.0 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))


def _spawn(size: int) -> Point:
    argv = [sys.executable, __file__, "--one", str(size)]
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True)
    point: Point = json.loads(done.stdout.splitlines()[-1])
    print(point, flush=True)
    return point


def _measure(size: int) -> Point:
    from detection.population import Population
    from detection.rule import Rule

    population, before = Population(Rule()), _resident()
    spent = 0.0
    closing = 0.0
    for number in range(BINS):
        for signals in _chunks(size, number):
            began = time.process_time()
            for signal in signals:
                population.count(signal)
            spent += time.process_time() - began
        began = time.process_time()
        population.advance(_BEGIN + timedelta(hours=number + 1))
        closing += time.process_time() - began
    memory = _resident() - before
    state = sum(len(value or b"") for _, value in population.changes())
    return {
        "subjects": size,
        "step": 1e6 * spent / (size * SIGNALS * BINS),
        "close": 1e6 * closing / (size * BINS),
        "memory": memory / size,
        "state": state / size,
    }


def _chunks(size: int, number: int) -> Iterator[list["Signal"]]:
    from schemas.signal import Signal

    total = size * SIGNALS
    for start in range(0, total, _CHUNK):
        chunk = range(start, min(start + _CHUNK, total))
        yield [
            Signal.model_construct(
                subject=f"company:S{n % size:07}",
                key=f"k{number}-{n}",
                published=_BEGIN + timedelta(hours=number, seconds=3_599 * n / total),
                negative=0.1 + 0.8 * (n * 7 % 11) / 11,
                neutral=0.1,
                positive=0.1,
                headline=f"Company {n % size} says a thing for the {number * SIGNALS}th time, {n}",
                source=f"wire-{n % 7}",
                model="bench",
                relevance=1.0,
                story=hash((number, n)) & (2**62 - 1) | 1,
                lineage="0.0",
            )
            for n in chunk
        ]


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    growth.add_options(parser)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
