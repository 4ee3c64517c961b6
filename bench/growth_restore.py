"""How long a worker takes to restore the detector's memory, while subjects become more.

A changelog is filled with the state of so many subjects, and one signal waits. Measured is the time
from the start of a worker that runs `detect` alone until it has committed that signal. The smallest
size shows what a start takes, and what is above it is the restoring.
"""

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import growth
import pipelines
from articles import Input
from broker import Broker
from growth import Axis, Point
from peer import running

from agents.detecting.detector_state import DetectorState
from detection.rule import Rule
from detection.subject_state import Subject
from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka
from schemas.channels import STATE_DETECT
from schemas.signal import Signal

SIZES: Final = [100, 10_000, 100_000, 1_000_000]
GOAL_SUBJECTS: Final = 1_000_000
GOAL_SECONDS: Final = 30.0
MIN_RATIO: Final = 2.0
"""Nothing is extrapolated from a time that is less than so many times that of the smallest size."""
SIGNALS: Final = 12
"""Signals that the subject has had whose state all others are given."""
_LINEAGES: Final = 16
_BEGIN: Final = datetime(2024, 1, 1, tzinfo=UTC)
_POLL_SECONDS: Final = 0.05
_LONGEST_SECONDS: Final = 900.0


def main() -> None:
    """Start a broker, measure each size in turn, write table and curve."""
    options = _arguments()
    with EmbeddedKafka(user_cache_dir(os.environ)) as kafka:
        broker = Broker(kafka.bootstrap)
        points = with_rates([_point(broker, size) for size in options.sizes])
    axes = [
        Axis("subjects", "subjects"),
        Axis("seconds", "s until the first commit", 1),
        Axis("rate", "subjects restored/s"),
        Axis("resident", "peak MB"),
    ]
    title = "Restoring the memory of `detect` from its changelog, one run each."
    growth.publish(title, points, axes, limit(points), options)


def with_rates(points: Sequence[Point]) -> list[Point]:
    """Return the points with subjects restored a second, above the time of the smallest.

    >>> small, large = {"subjects": 100, "seconds": 3.0}, {"subjects": 1100, "seconds": 5.0}
    >>> [point["rate"] for point in with_rates([small, large])]
    [0.0, 500.0]
    """
    first = points[0]

    def rate(point: Point) -> float:
        seconds = point["seconds"] - first["seconds"]
        return (point["subjects"] - first["subjects"]) / seconds if seconds > 0 else 0.0

    return [{**point, "rate": rate(point)} for point in points]


def limit(points: Sequence[Point]) -> str:
    """Return how the most subjects compare with the goal; what was not measured is said to be."""
    last = points[-1]
    size, seconds = last["subjects"], last["seconds"]
    memory = f"{size:,.0f} subjects take {last['resident']:,.0f} MB while they are restored."
    if size >= GOAL_SUBJECTS:
        verdict = "reached" if seconds <= GOAL_SECONDS else "missed"
        return (
            f"The goal is {GOAL_SUBJECTS:,} subjects in {GOAL_SECONDS:.0f} s: {verdict}, with "
            f"{seconds:.1f} s, the start of the process included. {memory}"
        )
    if seconds < MIN_RATIO * points[0]["seconds"]:
        return (
            f"{size:,.0f} took {seconds:.1f} s, hardly more than a start: they are too few to say "
            f"what {GOAL_SUBJECTS:,} would take. {memory}"
        )
    expected = points[0]["seconds"] + GOAL_SUBJECTS / last["rate"]
    return (
        f"{size:,.0f} took {seconds:.1f} s. Extrapolated, not measured: {GOAL_SUBJECTS:,} would "
        f"take {expected:.0f} s. {memory}"
    )


def entries(size: int) -> Iterator[Input]:
    """Yield a changelog of ``size`` subjects, each with the same past under a name of its own."""
    state = DetectorState(Rule(), _LINEAGES, [])
    for number in range(SIGNALS):
        state.population.count(_signal("company:S", number))
    changes = dict(state.changes())
    subject = Subject.from_bytes(changes.pop(b"d|subject|company:S") or b"")
    yield from (Input(key, value) for key, value in changes.items() if value is not None)
    for number in range(size):
        name = f"company:S{number:07}"
        yield Input(f"d|subject|{name}".encode(), replace(subject, name=name).to_bytes())


def _point(broker: Broker, size: int) -> Point:
    prefix = f"restore{size}."
    settings = {"NEWSQUAKE_WORKER__AGENTS": "detect", "NEWSQUAKE_WORKER__PATIENCE_LIMIT": "900"}
    pipeline = pipelines.newsquake(broker, prefix, settings)
    changelog = prefix + STATE_DETECT.topic
    broker.fill(changelog, entries(size))
    signal = _signal("company:S0000000", SIGNALS)
    broker.fill(pipeline.signals, [Input(signal.subject.encode(), signal.to_bytes())])
    taken = partial(broker.taken, pipeline.group, pipeline.signals)
    before = broker.visible(changelog)
    with running(pipeline.peer) as process:
        # The group may be asked for once something was committed; see `measure.measure`.
        while broker.visible(changelog) <= before or not taken():
            process.check()
            if time.monotonic() - process.started > _LONGEST_SECONDS:
                raise TimeoutError(f"nothing was committed:\n{process.log_end()}")
            time.sleep(_POLL_SECONDS)
        seconds = time.monotonic() - process.started
        resident = process.usage().resident
    broker.delete(prefix)
    point = {"subjects": size, "seconds": seconds, "resident": resident}
    print(point, flush=True)
    return point


def _signal(subject: str, number: int) -> Signal:
    return Signal(
        subject=subject,
        key=f"{number:032x}",
        published=_BEGIN + timedelta(hours=number),
        negative=0.4,
        neutral=0.4,
        positive=0.2,
        headline=f"A company with a name says something for the {number}th time, and more",
        source=f"wire-{number % 7}",
        model="bench",
        story=number * 0x9E3779B97F4A7C % (1 << 62) | 1,
        lineage="0.0",
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    growth.add_options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
