"""Compare messages a second, CPU seconds and memory with other libraries; see README.md."""

import argparse
import os
from collections.abc import Mapping
from functools import partial
from itertools import product

import earlier
import pipelines
import results
import stage_peers
import table
from articles import articles, messages
from broker import Broker
from measure import Result, measure
from pipelines import NEWSQUAKE
from stage_peers import OURS, PEERS, Maker

from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka

SURPLUS = 1.25
"""The input holds a quarter more than is counted, so that no peer is idle before the end."""
SOURCE = "bench.source"


def main() -> None:
    """Start a broker, run every peer in turn, print the table."""
    options = _arguments()
    count = options.count or (100_000 if options.pipeline else 500_000)
    cache = user_cache_dir(os.environ)
    with EmbeddedKafka(cache) as kafka:
        broker = Broker(kafka.bootstrap)
        if options.pipeline:
            notes: list[str] = []
            found = _run_pipelines(broker, count, options)
        else:
            makers, notes = stage_peers.prepared(options.peers, cache)
            found = _run_stages(broker, count, makers, options)
            notes += _shares(makers)
    ours = NEWSQUAKE if options.pipeline else PEERS[OURS].title
    runs = [{**run._asdict(), "usage": run.usage._asdict()} for run in found]
    title = " ".join([_title(count, options), *notes])
    results.publish(title, table.compare(found, ours), runs, options)


def _run_stages(
    broker: Broker, count: int, makers: Mapping[str, Maker], options: argparse.Namespace
) -> list[Result]:
    broker.create([SOURCE])
    broker.fill(SOURCE, messages(int(count * SURPLUS)))
    return [
        _report(_run_stage(broker, int(count * PEERS[name].share), f"{name}.{turn}", make, options))
        for turn in range(options.repetitions)
        for name, make in makers.items()
    ]


def _run_stage(
    broker: Broker, count: int, name: str, make: Maker, options: argparse.Namespace
) -> Result:
    group = f"bench.{name}"
    topics = [f"{group}.{number}" for number in range(1, options.stages + 1)]
    broker.create([*topics, f"{topics[-1]}.positions"])
    counts = {topic: partial(broker.visible, topic) for topic in topics}
    peer = make(broker.bootstrap, group, [SOURCE, *topics])
    result = measure(peer, "messages/s", counts, count)
    broker.delete(group)
    return result


def _run_pipelines(broker: Broker, count: int, options: argparse.Namespace) -> list[Result]:
    names = pipelines.names(options.earlier)
    turns = product(range(options.repetitions), names)
    return [
        _report(_run_pipeline(broker, count, f"bench{turn}{names.index(name)}.", name, options))
        for turn, name in turns
    ]


def _run_pipeline(
    broker: Broker, count: int, prefix: str, name: str, options: argparse.Namespace
) -> Result:
    pipeline = pipelines.prepare(name, broker, prefix, options.commit_interval, options.earlier)
    broker.fill(pipeline.raw, articles(int(count * SURPLUS)))
    counts = {
        "accepted": partial(broker.visible, pipeline.accepted),
        "signals": partial(broker.visible, pipeline.signals),
        "detected": partial(broker.taken, pipeline.group, pipeline.signals),
    }
    result = measure(pipeline.peer, "articles/s", counts, count)
    broker.delete(prefix)
    return result


def _report(result: Result) -> Result:
    rates = ", ".join(f"{rate:,.0f} {name}" for name, rate in result.rates.items())
    print(f"{result.peer}: {rates}, {result.wall:.1f} s, {result.usage}", flush=True)
    return result


def _title(count: int, options: argparse.Namespace) -> str:
    times = options.repetitions
    stages = {1: "one stage", 3: "three stages"}.get(options.stages, f"{options.stages} stages")
    what = (
        "articles through all three agents"
        if options.pipeline
        else f"messages of 300 bytes, {stages}"
    )
    return f"{count:,} {what}, {times} runs each in turn; median (smallest\u2013largest)."


def _shares(makers: Mapping[str, Maker]) -> list[str]:
    """Return a sentence for each peer that is given fewer messages."""
    return [
        f"{PEERS[name].title}, has {PEERS[name].share:.0%} of the messages, for its slowness."
        for name in makers
        if PEERS[name].share < 1
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, help="default: 500 000, in a pipeline 100 000")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--pipeline", action="store_true", help="the three agents, not copying")
    parser.add_argument("--stages", type=int, default=1, help="topics a message is copied to")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument(
        "--commit-interval", type=float, default=1.0, help="of the quixstreams pipeline, seconds"
    )
    earlier.add_option(parser)
    results.add_options(parser)
    options = parser.parse_args()
    if options.earlier and not options.pipeline:
        parser.error("--earlier is measured with --pipeline")
    if OURS not in options.peers:
        parser.error(f"--peers needs {OURS}, which the others are compared with")
    return options


if __name__ == "__main__":
    main()
