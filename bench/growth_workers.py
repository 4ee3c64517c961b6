"""Articles a second of all three agents while workers or partitions become more.

``--vary workers`` runs one to four workers on four partitions, ``--vary partitions`` one worker on
four to 64. All share the machine's cores with the broker, so more workers can't be faster than the
cores are; on one machine the curve shows what a further worker or partition costs.
"""

import argparse
import os
from collections.abc import Sequence
from functools import partial
from typing import Final

import growth
import pipelines
from articles import articles
from broker import Broker
from growth import Axis, Point, near_best
from measure import measure
from peer import script

from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka

SURPLUS: Final = 1.25
SIZES: Final = {"workers": [1, 2, 3, 4], "partitions": [4, 8, 16, 32, 64]}


def main() -> None:
    """Start a broker, measure each size in turn, write table and curve."""
    options = _arguments()
    sizes = options.sizes or SIZES[options.vary]
    with EmbeddedKafka(user_cache_dir(os.environ)) as kafka:
        broker = Broker(kafka.bootstrap)
        points = [_point(broker, size, options) for size in sizes]
    axes = [
        Axis("size", options.vary),
        Axis("rate", "articles/s"),
        Axis("cpu", "CPU µs an article"),
        Axis("resident", "MB"),
    ]
    title = (
        f"{options.count:,} articles through all three agents, model `null`, "
        f"{'4 partitions' if options.vary == 'workers' else 'one worker'}, one run each."
    )
    growth.publish(title, points, axes, limit(points, options.vary, os.cpu_count() or 1), options)


def limit(points: Sequence[Point], vary: str, cores: int) -> str:
    """Return how far it goes, and what stops it."""
    enough, last = near_best(points, "size", "rate"), points[-1]
    far = f"{enough['size']:.0f} {vary} reach {enough['rate']:,.0f} articles/s"
    end = (
        "more were not tried" if enough is last else f"{last['size']:.0f} reach {last['rate']:,.0f}"
    )
    busy = enough["rate"] * enough["cpu"] / 1e6
    reason = (
        f"Workers use {busy:.1f} of the machine's {cores} cores then, and the broker the rest"
        if vary == "workers"
        else f"A partition costs a lane, a lease and its transactions: {last['cpu']:,.0f} µs of "
        f"processor time an article with {last['size']:.0f}, "
        f"{points[0]['cpu']:,.0f} with {points[0]['size']:.0f}"
    )
    return f"{far}, {end}. {reason}."


def _point(broker: Broker, size: int, options: argparse.Namespace) -> Point:
    prefix = f"{options.vary}{size}."
    workers = size if options.vary == "workers" else 1
    partitions = size if options.vary == "partitions" else 4
    settings = {"NEWSQUAKE_KAFKA__PARTITIONS": str(partitions)}
    pipeline = pipelines.newsquake(broker, prefix, settings)
    broker.fill(pipeline.raw, articles(int(options.count * SURPLUS)))
    counts = {
        "accepted": partial(broker.visible, pipeline.accepted),
        "signals": partial(broker.visible, pipeline.signals),
        "detected": partial(broker.taken, pipeline.group, pipeline.signals),
    }
    peer = script(f"{size} {options.vary}", "workers.py", str(workers))
    peer = peer._replace(environ=pipeline.peer.environ)
    result = measure(peer, "articles/s", counts, options.count)
    broker.delete(prefix)
    print(f"{result.peer}: {result}", flush=True)
    return {
        "size": size,
        "rate": result.rates["articles/s"],
        "cpu": 1e6 * result.usage.cpu / options.count,
        "resident": result.usage.resident,
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vary", choices=SIZES, default="workers")
    parser.add_argument("--sizes", type=int, nargs="+", help="default: 1-4, or 4-64 partitions")
    parser.add_argument("--count", type=int, default=100_000, help="articles")
    growth.add_options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
