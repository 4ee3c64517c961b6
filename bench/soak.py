"""Run two workers under load for a long time, kill one of them again and again, and look for leaks.

Memory, sockets, lag and latency are sampled all the time. At the end each must be flat: see
``slope.py``. The worker that is never killed is the one whose memory and sockets count; those of
the other begin anew with each kill. The exit code is 1 if a series is not flat, or if an article
was lost or came twice.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import growth
import pipelines
import results
import table
from broker import Broker
from growth import Axis
from paced import Feed, article_feed
from quantile import quantile
from slope import Tolerance, Verdict, verdict
from watched_process import memory, sockets

from infra.backoff import Backoff
from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka
from infra.supervisor import Command, Supervisor

WARM_UP: Final = 0.25
"""The share of the time whose samples are not judged: caches, pools and the allocator fill."""
MIN_SAMPLES: Final = 8
"""Fewer say nothing about a slope."""
_PREFIX: Final = "soak."
_STEADY, _KILLED = 0, 1
_DRAIN_SECONDS: Final = 90.0
_GRACE_SECONDS: Final = 15.0
_SETTINGS: Final = {
    # What the agents remember by design must be full long before the end, or it looks like a leak.
    "NEWSQUAKE_SCORE__WINDOW": "60",
    "NEWSQUAKE_DETECT__BIN": "60",
}


class Look(NamedTuple):
    """What was seen at a time.

    Attributes:
        minute: since the beginning.
        memory: megabytes of the worker that is never killed, all its processes.
        sockets: that it has open.
        broker_sockets: that the broker has open.
        lag: articles that were sent and whose signal was not there yet.
        latency: median milliseconds from an article to its signal, since the last look.
    """

    minute: float
    memory: float
    sockets: float
    broker_sockets: float
    lag: float
    latency: float


TOLERANCES: Final = {
    "memory": ("memory, MB", Tolerance(0.05, 10.0)),
    "sockets": ("sockets", Tolerance(0.0, 2.0)),
    "broker_sockets": ("sockets of the broker", Tolerance(0.0, 4.0)),
    "lag": ("lag, articles", Tolerance(0.25, 100.0)),
    "latency": ("latency p50, ms", Tolerance(0.25, 25.0)),
}
AXES: Final = [Axis("minute", "minutes"), *(Axis(key, it[0]) for key, it in TOLERANCES.items())]


def main() -> None:
    """Run it, write table and curve, and end with 1 if something is not flat."""
    options = _arguments()
    with EmbeddedKafka(user_cache_dir(os.environ)) as kafka, tempfile.TemporaryDirectory() as logs:
        looks, kills, left = _run(kafka, Path(logs), options)
    found = judge(looks)
    faults = [f"{each.name} is not flat" for each in found if not each.is_flat]
    if left:
        faults.append(f"{abs(left)} articles {'were lost' if left > 0 else 'came twice'}")
    title = (
        f"{options.rate:g} articles/s for {options.minutes:g} minutes through two workers, one of "
        f"which was killed {kills} times; {len(looks)} samples, the first quarter is not judged."
    )
    outcome = "; ".join(faults) or "all flat, nothing lost, nothing twice"
    if options.image:
        growth.draw([look._asdict() for look in looks], AXES, options.image)
    rendered = f"{_rendered(found)}\n**Verdict.** {outcome}.\n"
    results.publish(title, rendered, [look._asdict() for look in looks], options)
    if faults:
        sys.exit(1)


def judge(looks: Sequence[Look]) -> list[Verdict]:
    """Return a verdict on each series, without the time in which everything fills."""
    begin = looks[-1].minute * WARM_UP
    judged = [look for look in looks if look.minute >= begin]
    times = [look.minute * 60 for look in judged]
    return [
        verdict(name, times, [getattr(look, key) for look in judged], tolerance)
        for key, (name, tolerance) in TOLERANCES.items()
    ]


def _rendered(found: Sequence[Verdict]) -> str:
    rows = [
        [
            each.name,
            f"{each.median:,.0f}",
            f"{each.an_hour:+,.1f}",
            f"{each.growth:+,.1f}",
            f"{each.allowed:,.1f}",
            "flat" if each.is_flat else "**not flat**",
        ]
        for each in found
    ]
    return table.render(["", "median", "slope an hour", "growth", "allowed", ""], rows)


def _run(
    kafka: EmbeddedKafka, logs: Path, options: argparse.Namespace
) -> tuple[list[Look], int, int]:
    """Return what was seen, the number of kills, and articles lost (less than 0: doubled)."""
    pipeline = pipelines.newsquake(Broker(kafka.bootstrap), _PREFIX, _SETTINGS)
    environ = {**os.environ, **pipeline.peer.environ}
    commands = [
        Command(name, pipeline.peer.argv, environ, logs / name) for name in ("steady", "killed")
    ]
    backoff = Backoff(first_seconds=0.5, max_seconds=1.0, max_failures=10_000)
    with (
        article_feed(kafka.bootstrap, pipeline.raw, pipeline.signals) as feed,
        Supervisor(commands, backoff=backoff, grace=_GRACE_SECONDS) as workers,
    ):
        feed.begin(kafka.check)
        looks, kills = _watch(kafka, workers, feed, options)
        feed.drain(_DRAIN_SECONDS, kafka.check)
        feed.settle()
        return looks, kills, feed.lag


def _watch(
    kafka: EmbeddedKafka, workers: Supervisor, feed: Feed, options: argparse.Namespace
) -> tuple[list[Look], int]:
    begin = last_kill = time.monotonic()
    looks: list[Look] = []
    kills = 0
    feed.take()
    while (passed := time.monotonic() - begin) < options.minutes * 60:
        feed.send_evenly(options.rate, options.every)
        kafka.check()
        latencies = sorted(feed.take())
        pid, broker = workers.status[_STEADY].pid, kafka.pids[0]
        if pid is None or broker is None:
            raise RuntimeError(
                "the worker that nobody kills has ended; run it by itself to see why"
            )
        latency = 1_000 * quantile(latencies, 0.5) if latencies else 1_000 * options.every
        counts = (memory(pid), sockets(pid), sockets(broker), feed.lag, latency)
        looks.append(Look(passed / 60, *counts))
        print(", ".join(f"{key} {value:,.1f}" for key, value in looks[-1]._asdict().items()))
        if time.monotonic() - last_kill >= options.kill_every:
            kills += workers.kill(_KILLED) is not None
            last_kill = time.monotonic()
    return looks, kills


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=200.0, help="articles a second")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two samples")
    parser.add_argument("--kill-every", type=float, default=180.0, help="seconds between kills")
    growth.add_options(parser)
    options = parser.parse_args()
    if options.minutes * 60 < MIN_SAMPLES * options.every:
        parser.error(f"{MIN_SAMPLES} samples are needed: more --minutes, or --every fewer seconds")
    return options


if __name__ == "__main__":
    main()
