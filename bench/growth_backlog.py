"""How a worker works off a long backlog: rate and memory from its first article to its last.

``--count 10000000`` measures ten million, which takes half an hour. With fewer, what ten million
would take is said as an extrapolation, never as a measurement.
"""

import argparse
import os
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

import growth
import pipelines
from articles import articles
from broker import Broker
from growth import Axis, Point
from peer import running

from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka

GOAL: Final = 10_000_000
PARTS: Final = 20
"""Rate and memory are noted so many times."""
_POLL_SECONDS: Final = 0.2
_STALLED_SECONDS: Final = 120.0


def main() -> None:
    """Fill a backlog, start a worker, and watch it to the end."""
    options = _arguments()
    with EmbeddedKafka(user_cache_dir(os.environ)) as kafka:
        broker = Broker(kafka.bootstrap)
        points = _points(broker, options.count)
    axes = [
        Axis("done", "articles done"),
        Axis("rate", "articles/s"),
        Axis("resident", "peak MB"),
    ]
    title = f"A backlog of {options.count:,} articles, one worker, model `null`, one run."
    growth.publish(title, points, axes, limit(points, options.count), options)


def limit(points: Sequence[Point], count: int) -> str:
    """Return how even the rate was, and how long ten million take, measured or extrapolated."""
    third = max(1, len(points) // 3)
    early, late = (
        sum(point["rate"] for point in part) / third for part in (points[:third], points[-third:])
    )
    seconds = sum(point["seconds"] for point in points)
    even = (
        f"The last third ran at {late / early:.2f} of the first third's rate, and memory rose from "
        f"{points[0]['resident']:,.0f} to {points[-1]['resident']:,.0f} MB: `score` remembers the "
        "articles of its window"
    )
    if count >= GOAL:
        return f"{even}. All {count:,} took {seconds / 60:.1f} minutes."
    minutes = seconds / count * GOAL / 60
    return (
        f"{even}. {count:,} took {seconds / 60:.1f} minutes. Extrapolated, not measured: "
        f"{GOAL:,} would take {minutes:.0f} minutes at this rate."
    )


def _points(broker: Broker, count: int) -> list[Point]:
    prefix = "backlog."
    pipeline = pipelines.newsquake(broker, prefix)
    began = time.monotonic()
    broker.fill(pipeline.raw, articles(count))
    print(f"filled in {time.monotonic() - began:.0f} s", flush=True)
    detected = partial(broker.taken, pipeline.group, pipeline.signals)
    signals = partial(broker.visible, pipeline.signals)
    points: list[Point] = []
    with running(pipeline.peer) as process:
        while not signals():
            process.check()
            time.sleep(_POLL_SECONDS)
        done, at, moved = detected(), time.monotonic(), time.monotonic()
        while done < count:
            time.sleep(_POLL_SECONDS)
            process.check()
            now, reached = time.monotonic(), detected()
            if reached - done >= min(count // PARTS, count - done) and reached > done:
                seconds = now - at
                resident = process.usage().resident
                rate = (reached - done) / seconds
                points.append(
                    {"done": reached, "rate": rate, "resident": resident, "seconds": seconds}
                )
                print(points[-1], flush=True)
                done, at, moved = reached, now, now
            elif now - moved > _STALLED_SECONDS:
                raise TimeoutError(f"the worker stalled at {reached}:\n{process.log_end()}")
    broker.delete(prefix)
    return points


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    growth.add_options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
