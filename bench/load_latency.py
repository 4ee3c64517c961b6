"""Measure latency under load: at shares of the maximum that each contender reaches by itself.

First a contender is flooded: the producer writes as fast as it can, but is never further ahead
than three seconds' work, or 20 000 messages. What is committed in the last seconds of that is the
contender's maximum, with producer and consumer on the same machine. Then, once all is read,
messages come evenly at 10, 50 and 80 % of it. Each carries the time at which it was handed to the
producer, on the clock of the `read_committed` consumer in the same process.
"""

import argparse
import os
from collections.abc import Sequence
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import pipelines
import results
import stage_peers
import table
from broker import Broker
from paced import Feed, article_feed, message_feed
from peer import Peer, Running, running
from pipelines import NAMES
from quantile import quantile
from stage_peers import PEERS

from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka


class Level(NamedTuple):
    """What was measured at one share of a contender's maximum.

    Attributes:
        share: of the maximum.
        rate: messages a second that were sent.
        p50: median latency in milliseconds.
        p99: 99th percentile.
        late: messages that had not come out when the level's time and its patience were over.
    """

    share: float
    rate: float
    p50: float
    p99: float
    late: int


class Run(NamedTuple):
    """A run of a contender.

    Attributes:
        name: of the contender.
        maximum: messages a second.
        levels: one for each share.
        cpu: processor seconds of the contender.
        resident: its peak megabytes.
    """

    name: str
    maximum: float
    levels: list[Level]
    cpu: float
    resident: float


def main() -> None:
    """Start a broker, run every contender in turn, print the table."""
    options = _arguments()
    cache = user_cache_dir(os.environ)
    with EmbeddedKafka(cache) as kafka:
        broker = Broker(kafka.bootstrap)
        runs, notes = (_pipelines if options.pipeline else _stages)(broker, cache, options)
    what = "Articles through all three agents" if options.pipeline else "Messages through one stage"
    title = (
        f"{what}, {options.seconds:g} s a level, {options.repetitions} runs each in turn; median "
        f"(smallest\u2013largest)."
    )
    kept: list[dict[str, Any]] = [
        {**run._asdict(), "levels": [level._asdict() for level in run.levels]} for run in runs
    ]
    results.publish(" ".join([title, *notes]), rendered(runs, options.shares), kept, options)


def rendered(runs: Sequence[Run], shares: Sequence[float]) -> str:
    """Return the table: a row for each contender, p50 and p99 for each share."""
    head = ["", "maximum/s", *(f"p50 / p99 ms at {share:.0%}" for share in shares)]
    rows = []
    for name in dict.fromkeys(run.name for run in runs):
        own = [run for run in runs if run.name == name]
        cells = [_cell([run.levels[number] for run in own]) for number in range(len(shares))]
        cpu, resident = median(run.cpu for run in own), max(run.resident for run in own)
        rows.append(
            [
                name,
                table.spread([run.maximum for run in own]),
                *cells,
                f"{cpu:.1f}",
                f"{resident:.0f}",
            ]
        )
    return table.render([*head, "CPU s", "peak MB"], rows)


def _cell(levels: Sequence[Level]) -> str:
    p50, p99 = (table.spread([getattr(level, name) for level in levels]) for name in ("p50", "p99"))
    late = max(level.late for level in levels)
    return f"{p50} / {p99}" + (f", **{late} late**" if late else "")


def _stages(
    broker: Broker, cache: Path, options: argparse.Namespace
) -> tuple[list[Run], list[str]]:
    makers, notes = stage_peers.prepared(options.peers, cache)
    runs = []
    for turn, (name, make) in product(range(options.repetitions), makers.items()):
        group = f"bench.{name}.{turn}"
        source, sink = f"{group}.in", f"{group}.out"
        broker.create([source, sink, f"{sink}.positions"])
        feed = partial(message_feed, broker.bootstrap, source, sink)
        runs.append(
            _run(PEERS[name].title, make(broker.bootstrap, group, [source, sink]), feed, options)
        )
        broker.delete(group)
    return runs, notes


def _pipelines(broker: Broker, _: Path, options: argparse.Namespace) -> tuple[list[Run], list[str]]:
    runs = []
    for turn, name in product(range(options.repetitions), NAMES):
        prefix = f"bench{turn}{NAMES.index(name)}."
        pipeline = pipelines.prepare(name, broker, prefix, commit_interval=1.0)
        feed = partial(article_feed, broker.bootstrap, pipeline.raw, pipeline.signals)
        runs.append(_run(name, pipeline.peer, feed, options))
        broker.delete(prefix)
    return runs, []


def _run(name: str, peer: Peer, connect: "partial[Feed]", options: argparse.Namespace) -> Run:
    with running(peer) as process, connect() as feed:
        feed.begin(process.check)
        maximum = feed.flood(options.flood, process.check)
        levels = [_level(feed, share, maximum, process, options) for share in options.shares]
        usage = process.usage()
    print(f"{name}: {maximum:,.0f}/s, {levels}", flush=True)
    return Run(name, maximum, levels, usage.cpu, usage.resident)


def _level(
    feed: Feed, share: float, maximum: float, process: Running, options: argparse.Namespace
) -> Level:
    latencies, late = feed.steady(share * maximum, options.seconds, process.check)
    milliseconds = sorted(1_000 * seconds for seconds in latencies)
    return Level(
        share, share * maximum, quantile(milliseconds, 0.5), quantile(milliseconds, 0.99), late
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipeline", action="store_true", help="all three agents")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--shares", nargs="+", type=float, default=[0.1, 0.5, 0.8])
    parser.add_argument("--flood", type=float, default=10.0, help="seconds; half of them count")
    parser.add_argument("--seconds", type=float, default=10.0, help="of a level")
    parser.add_argument("--repetitions", type=int, default=3)
    results.add_options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
