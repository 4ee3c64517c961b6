"""Measure the time from publishing an article to its committed signal; see README.md."""

import argparse
import os
import random
import threading
import time
from datetime import UTC, datetime
from itertools import product
from statistics import median
from typing import Self

import earlier
import orjson
import pipelines
import results
import table
from articles import article
from broker import Broker, produce
from confluent_kafka import Consumer, Producer
from peer import Running, running
from pipelines import Pipeline
from quantile import quantile

from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka

_LINGER_MS = 5
"""As Newsquake's own producer does (`agents.sending.producer`): a broker that takes a thousand
requests a second has no core left for anything else."""
_READY_SECONDS = 120.0
_DRAIN_SECONDS = 30.0


class Clock:
    """The times at which articles were published and their signals seen, on one clock."""

    def __init__(self, bootstrap: str, pipeline: Pipeline) -> None:
        self.published: dict[str, float] = {}
        self.seen: dict[str, float] = {}
        self.doubled = 0
        self._raw = pipeline.raw
        self._dice = random.Random(1)
        self._producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": _LINGER_MS})
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": f"{pipeline.group}-clock",
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 10,
            }
        )
        self._consumer.subscribe([pipeline.signals])
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._consumer.close()

    def publish(self, name: str) -> None:
        """Send one article. Its headline carries ``name``, since its key is a hash."""
        key, value = article(name, datetime.now(UTC), self._dice)
        body = orjson.loads(value) | {"headline": name}
        self.published[name] = time.monotonic()
        produce(self._producer, self._raw, key, orjson.dumps(body))

    def steady(self, label: str, rate: float, seconds: float) -> list[str]:
        """Publish ``rate`` articles a second for ``seconds``, and return their names."""
        names = [f"{label}-{number}" for number in range(int(rate * seconds))]
        start = time.monotonic()
        for number, name in enumerate(names):
            time.sleep(max(0.0, start + number / rate - time.monotonic()))
            self.publish(name)
        self._producer.flush()
        return names

    def await_signals(self, names: list[str], seconds: float) -> bool:
        """Wait up to ``seconds`` for the signals of ``names``, and return whether all came."""
        deadline = time.monotonic() + seconds
        while not self.seen.keys() >= set(names):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _watch(self) -> None:
        while not self._stop.is_set():
            for record in self._consumer.consume(500, timeout=0.002):
                now = time.monotonic()
                name = orjson.loads(record.value())["headline"]
                self.doubled += name in self.seen
                self.seen.setdefault(name, now)


def main() -> None:
    """Start a broker, run both pipelines in turn, print the table."""
    options = _arguments()
    names = pipelines.names(options.earlier)
    turns = product(range(options.repetitions), names)
    with EmbeddedKafka(user_cache_dir(os.environ)) as kafka:
        broker = Broker(kafka.bootstrap)
        runs = [
            (name, _run(broker, name, f"bench{turn}.{names.index(name)}.", options))
            for turn, name in turns
        ]
    rows = [_row(name, [latencies for peer, latencies in runs if peer == name]) for name in names]
    head = ["", "p50 ms", "p99 ms", "articles"]
    title = (
        f"From publish to committed signal at {options.rate:g} articles/s "
        f"for {options.seconds:g} s; "
        f"{options.repetitions} runs each in turn; median (smallest\u2013largest)."
    )
    kept = [
        {"peer": name, "p50": quantile(run, 0.5), "p99": quantile(run, 0.99)} for name, run in runs
    ]
    results.publish(title, table.render(head, rows), kept, options)


def _run(broker: Broker, name: str, prefix: str, options: argparse.Namespace) -> list[float]:
    pipeline = pipelines.prepare(name, broker, prefix, options.commit_interval, options.earlier)
    with running(pipeline.peer) as process, Clock(broker.bootstrap, pipeline) as clock:
        _await_first(clock, process)
        clock.steady("warm", options.rate, options.warm_up)
        names = clock.steady("timed", options.rate, options.seconds)
        if not clock.await_signals(names, _DRAIN_SECONDS) or clock.doubled:
            missing = len(set(names) - clock.seen.keys())
            raise RuntimeError(
                f"{name}: {missing} missing, {clock.doubled} twice\n{process.log_end()}"
            )
    broker.delete(prefix)
    milliseconds = sorted(1_000 * (clock.seen[key] - clock.published[key]) for key in names)
    p50, p99 = quantile(milliseconds, 0.5), quantile(milliseconds, 0.99)
    print(f"{name}: p50 {p50:.0f}, p99 {p99:.0f} ms", flush=True)
    return milliseconds


def _await_first(clock: Clock, process: Running) -> None:
    clock.steady("first", 10, 0.1)
    deadline = time.monotonic() + _READY_SECONDS
    while not clock.await_signals(["first-0"], 0.5):
        process.check()
        if time.monotonic() > deadline:
            raise TimeoutError("no signal of the first article")


def _row(name: str, runs: list[list[float]]) -> list[str]:
    cells = [table.spread([quantile(run, share) for run in runs]) for share in (0.5, 0.99)]
    return [name, *cells, f"{median(map(len, runs)):.0f}"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=1_000.0, help="articles a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--warm-up", type=float, default=5.0, help="seconds not counted")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument(
        "--commit-interval",
        type=float,
        default=1.0,
        help="commit interval of quixstreams, in seconds",
    )
    earlier.add_option(parser)
    results.add_options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
