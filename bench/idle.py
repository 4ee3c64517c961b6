"""Measure what an idle worker takes: memory and processor time of all its processes."""

import argparse
import os
import time
from statistics import median

import pipelines
import results
import table
from broker import Broker
from peer import running
from watched_process import memory

from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka

_PREFIX = "idle."


def main() -> None:
    """Start a broker and a worker, wait until it is idle, and watch it."""
    options = _arguments()
    with EmbeddedKafka(user_cache_dir(os.environ)) as kafka:
        runs = [_run(Broker(kafka.bootstrap), turn, options) for turn in range(options.repetitions)]
    rows = [
        [
            f"`newsquake worker`, model `{options.model}`",
            table.spread([run["memory"] for run in runs]),
            f"{median(run['share'] for run in runs):.2%}",
        ]
    ]
    title = (
        f"An idle worker over {options.seconds:g} s, {options.settle:g} s after its start, "
        f"{options.repetitions} runs; pages that its processes share are counted once."
    )
    results.publish(title, table.render(["", "MB", "of one core"], rows), runs, options)


def _run(broker: Broker, turn: int, options: argparse.Namespace) -> dict[str, float]:
    settings = {"NEWSQUAKE_NLP__MODEL": options.model, "NEWSQUAKE_COMPANIES__FIND": "true"}
    pipeline = pipelines.newsquake(broker, f"{_PREFIX}{turn}.", settings)
    with running(pipeline.peer) as process:
        time.sleep(options.settle)
        process.check()
        before, began = process.usage().cpu, time.monotonic()
        time.sleep(options.seconds)
        process.check()
        share = (process.usage().cpu - before) / (time.monotonic() - began)
        found = {"memory": memory(process.process.pid), "share": share}
    print(found, flush=True)
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="shipped")
    parser.add_argument("--settle", type=float, default=30.0, help="seconds from its start")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--repetitions", type=int, default=1)
    results.add_options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
