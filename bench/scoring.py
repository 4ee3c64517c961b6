"""Compare a running worker with a bare loop over the model, in articles a second.

The loop gives the same headlines to the same model in one call and does nothing else. The worker
reads them from Kafka and runs all agents; its backlog is longer than the count that is measured.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import NamedTuple

import orjson
import results
import table
from articles import Input
from broker import Broker
from headlines import FILE, sample
from peer import Peer, running

from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka
from schemas.channels import RAW, SCORED

_POLL_SECONDS = 0.5
_SESSION_SECONDS = 6
"""The shortest timeout that brokers allow, so that late heartbeats would cost the membership."""
_TROUBLE = ("heartbeat", "rebalanc", "revoked", "fenced", "livelock")


class Run(NamedTuple):
    """A run of the worker.

    Attributes:
        rate: articles a second.
        peak: megabytes.
        trouble: lines of its log about a lost membership.
    """

    rate: float
    peak: float
    trouble: list[str]


def main() -> None:
    """Run loop and worker in turn and print the table; with ``--bare``, run the loop here."""
    options = _arguments()
    texts = list(
        islice(cycle(sample(min(options.backlog, 10_000), options.headlines)), options.backlog)
    )
    if options.bare:
        print(json.dumps(_loop(texts[: options.count], options.model)))
        return
    bare, runs = [], []
    with EmbeddedKafka(user_cache_dir(os.environ)) as kafka:
        broker = Broker(kafka.bootstrap)
        for turn in range(options.repetitions):
            bare.append(_bare(options))
            runs.append(_worker(broker, f"bench{turn}.", texts, options))
            print(f"loop {bare[-1]:,.0f}/s, worker {runs[-1]}", flush=True)
    title = (
        f"{options.count:,} of a backlog of {options.backlog:,} headlines, model {options.model}, "
        f"{options.repetitions} runs each in turn; median (smallest\u2013largest)."
    )
    kept = [{"loop": loop, **run._asdict()} for loop, run in zip(bare, runs, strict=True)]
    results.publish(title, _table(bare, runs), kept, options)


def _table(bare: Sequence[float], runs: Sequence[Run]) -> str:
    rates = [run.rate for run in runs]
    share = f"{median(rates) / median(bare):.2f}"
    rows = [
        ["the bare loop", table.spread(bare), "1.00", "", ""],
        [
            "a worker, three stages",
            table.spread(rates),
            share,
            f"{max(run.peak for run in runs):.0f}",
            str(sum(len(run.trouble) for run in runs)),
        ],
    ]
    return table.render(["", "articles/s", "share", "peak MB", "memberships lost"], rows)


def _bare(options: argparse.Namespace) -> float:
    argv = [sys.executable, __file__, "--bare", "--count", str(options.count)]
    argv += ["--backlog", str(options.backlog), "--model", options.model]
    argv += ["--headlines", str(options.headlines)]
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True)
    return float(json.loads(done.stdout.splitlines()[-1]))


def _loop(texts: list[str], model: str) -> float:
    from nlp.load import load
    from nlp.settings import ModelSettings

    classifier = load(ModelSettings(model=model))
    classifier.classify(texts[:200])
    began = time.perf_counter()
    classifier.classify(texts)
    return len(texts) / (time.perf_counter() - began)


def _worker(broker: Broker, prefix: str, texts: list[str], options: argparse.Namespace) -> Run:
    environ = {
        "NEWSQUAKE_KAFKA__BOOTSTRAP": broker.bootstrap,
        "NEWSQUAKE_KAFKA__PREFIX": prefix,
        "NEWSQUAKE_NLP__MODEL": options.model,
        "NEWSQUAKE_WORKER__SESSION_TIMEOUT": str(_SESSION_SECONDS),
    }
    command = str(Path(sys.executable).with_name("newsquake"))
    subprocess.run([command, "topics", "create"], env=environ, check=True, stdout=sys.stderr)
    broker.fill(prefix + RAW.topic, _articles(texts))
    with running(Peer("worker", (command, "worker"), environ)) as process:
        scored = partial(broker.visible, prefix + SCORED.topic)
        first, began = _reached(process.check, scored, 1)
        last, ended = _reached(process.check, scored, options.count)
        usage, log = process.usage(), process.log.read_text(errors="replace").lower()
    broker.delete(prefix)
    trouble = [line for line in log.splitlines() if any(word in line for word in _TROUBLE)]
    return Run((last - first) / (ended - began), usage.resident, trouble)


def _reached(check: Callable[[], None], count: Callable[[], int], target: int) -> tuple[int, float]:
    while (reached := count()) < target:
        check()
        time.sleep(_POLL_SECONDS)
    return reached, time.monotonic()


def _articles(texts: Sequence[str]) -> Iterator[Input]:
    dice = random.Random(1)
    for number, text in enumerate(texts):
        body = {
            "id": f"{number}-{dice.getrandbits(32)}",
            "source": "bench",
            "headline": text,
            "published": f"2024-01-{1 + number * 27 // len(texts):02}T00:00:00Z",
        }
        yield Input(str(body["id"]).encode(), orjson.dumps(body))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--backlog", type=int, default=12_500)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--model", default="shipped")
    parser.add_argument("--headlines", type=Path, default=FILE)
    results.add_options(parser)
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
