"""Compare messages a second with other libraries for Python; see README.md."""

import argparse
import os
from functools import partial
from itertools import product

import pipelines
import results
import table
from articles import articles, messages
from broker import Broker
from measure import Result, measure
from peer import script
from pipelines import NAMES, NEWSQUAKE

from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka

SURPLUS = 1.25
"""The input holds a quarter more than is counted, so that no peer is idle before the end."""
STAGES = {
    "pump": ("Newsquake's pump", "pump_stage.py"),
    "quix": ("quixstreams, exactly once", "quix_stage.py"),
    "confluent": ("bare confluent-kafka, 1 000 a transaction", "confluent_loop.py"),
    "aiokafka": ("bare aiokafka, transactional", "aiokafka_loop.py"),
    "faust": ("vanilla Faust, at least once", "faust_agent.py"),
}
SOURCE = "bench.source"


def main() -> None:
    """Start a broker, run every peer in turn, print the table."""
    options = _arguments()
    count = options.count or (100_000 if options.pipeline else 500_000)
    with EmbeddedKafka(user_cache_dir(os.environ)) as kafka:
        broker = Broker(kafka.bootstrap)
        run = _run_pipelines if options.pipeline else _run_stages
        found = run(broker, count, options)
    ours = NEWSQUAKE if options.pipeline else STAGES["pump"][0]
    runs = [{**run._asdict(), "usage": run.usage._asdict()} for run in found]
    results.publish(_title(count, options), table.compare(found, ours), runs, options)


def _run_stages(broker: Broker, count: int, options: argparse.Namespace) -> list[Result]:
    broker.create([SOURCE])
    broker.fill(SOURCE, messages(int(count * SURPLUS)))
    turns = product(range(options.repetitions), options.peers)
    return [_report(_run_stage(broker, count, turn, peer)) for turn, peer in turns]


def _run_stage(broker: Broker, count: int, turn: int, peer: str) -> Result:
    sink = f"bench.{peer}.{turn}"
    broker.create([sink, f"{sink}.positions"])
    name, file = STAGES[peer]
    process = script(name, file, broker.bootstrap, SOURCE, sink, sink)
    result = measure(process, "messages/s", {"out": partial(broker.visible, sink)}, count)
    broker.delete(sink)
    return result


def _run_pipelines(broker: Broker, count: int, options: argparse.Namespace) -> list[Result]:
    turns = product(range(options.repetitions), NAMES)
    return [
        _report(_run_pipeline(broker, count, f"bench{turn}{NAMES.index(name)}.", name, options))
        for turn, name in turns
    ]


def _run_pipeline(
    broker: Broker, count: int, prefix: str, name: str, options: argparse.Namespace
) -> Result:
    pipeline = pipelines.prepare(name, broker, prefix, options.commit_interval)
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
    what = (
        "articles through three stages" if options.pipeline else "messages of 300 bytes, one stage"
    )
    times = options.repetitions
    return f"{count:,} {what}, {times} runs each in turn; median (smallest\u2013largest)."


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, help="default: 500 000, in a pipeline 100 000")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--pipeline", action="store_true", help="the three stages instead of one")
    parser.add_argument("--peers", nargs="+", choices=STAGES, default=list(STAGES))
    parser.add_argument(
        "--commit-interval", type=float, default=1.0, help="of the quixstreams pipeline, seconds"
    )
    results.add_options(parser)
    options = parser.parse_args()
    if "pump" not in options.peers:
        parser.error("--peers needs pump, which the others are compared with")
    return options


if __name__ == "__main__":
    main()
