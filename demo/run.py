"""The demo: a Kafka of its own, two workers, ten days of invented news, and an account.

It takes about a minute on two cores, once Kafka's jars are downloaded.
"""

import asyncio
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final, TypeVar

from aiokafka.errors import KafkaError
from rich.console import Console

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from agents.scoring.deduplicate import DedupeSettings
from demo.account import Account, balance
from demo.chaos import MIN_KILLS, kill_workers
from demo.feed.generate import Feed, generate
from demo.lag import Lag
from demo.player import Player
from demo.progress import Progress, WorkersFailed
from demo.reader import Reader
from demo.screen import screen
from demo.statement import next_steps, statement
from infra.backoff import Backoff
from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka
from infra.kafka.error import EmbeddedKafkaError
from infra.kafka.port import free_ports
from infra.logging import logging_to
from infra.supervisor import Command, Supervisor
from schemas.channels import RAW
from streams.core.errors import Misconfigured
from streams.kafka.connection import end_tasks
from streams.kafka.topics import create_topics
from streams.monitoring.diagnosis import errors_explained

T = TypeVar("T")

_WORKERS: Final = 2

ARTICLES: Final = 4_000
"""Distinct articles of the feed; two cores without AVX-512 score them in half a minute."""

_FEED_SECONDS: Final = 16.0
"""The feed is played in this time."""

_CHAOS_FEED_SECONDS: Final = 42.0
"""With kills the feed takes longer, so that records remain to be sent after the last kill."""

_KILL_GAP_SECONDS: Final = 2.0

_PATIENCE_SECONDS: Final = 120.0
"""The demo ends without success if the workers commit nothing for this time."""

_STOP_SECONDS: Final = 5.0
"""Time for the workers to end after SIGTERM."""

_SESSION_TIMEOUT_SECONDS: Final = 6
"""The shortest session timeout that brokers allow; a killed worker's partitions wait so long."""

_PREFIX: Final = "NEWSQUAKE_"

_MAX_AHEAD_DAYS: Final = 36_500
"""The invented news are dated in the future."""


def demo(*, chaos: bool = False, keep: bool = False, dashboard: bool = False) -> int:
    """Run the demo, and clean up however it ends.

    Args:
        chaos: Kill workers while the feed is played.
        keep: Keep the logs and Kafka's data.
        dashboard: Serve the dashboard meanwhile, and on a terminal until Ctrl-C afterwards.

    Returns:
        0 if the account closes, 1 if not, 130 if the demo was interrupted.
    """
    console = Console(highlight=False)
    directory = Path(mkdtemp(prefix="newsquake-demo-"))
    code = 1
    try:
        with logging_to(directory / "demo.log"), _sigterm_as_interrupt():
            code = _run(console, directory, chaos=chaos, keep=keep, dashboard=dashboard)
    except KeyboardInterrupt:
        code = 130
        console.print("interrupted")
    except (EmbeddedKafkaError, Misconfigured, KafkaError, WorkersFailed, OSError) as error:
        console.print(f"the demo failed: {error}", markup=False, soft_wrap=True)
    finally:
        if keep or code == 1:
            line = f"logs (and Kafka's data if it was kept) are in {directory}"
            console.print(line, markup=False, soft_wrap=True)
        else:
            shutil.rmtree(directory, ignore_errors=True)
    return code


def _run(console: Console, directory: Path, *, chaos: bool, keep: bool, dashboard: bool) -> int:
    start = time.monotonic()
    kafka = EmbeddedKafka(user_cache_dir(os.environ), data=directory / "kafka" if keep else None)
    with kafka:
        _print_step(console, "Kafka is up", start)
        cluster = ClusterLayout(bootstrap=kafka.bootstrap)
        start = time.monotonic()
        asyncio.run(create_topics(cluster, required_topics(cluster, DedupeSettings().window)))
        _print_step(console, "topics are created", start)
        environ = environment(os.environ, cluster)
        argv = [sys.executable, "-c", "from cli.main import app; app()", "worker"]
        names = [f"worker-{number}" for number in range(1, _WORKERS + 1)]
        commands = [Command(name, argv, environ, directory / f"{name}.log") for name in names]
        backoff = Backoff(first_seconds=0.2, factor=1.0, max_failures=60 if chaos else 5)
        beside = _dashboard(console, environ, directory) if dashboard else nullcontext()
        with beside, Supervisor(commands, backoff=backoff, grace=_STOP_SECONDS) as workers:
            start = time.monotonic()
            feed = generate(articles=ARTICLES)
            _print_step(console, f"a feed of {len(feed.sent):,} records is generated", start)
            start = time.monotonic()
            play = _play(console, cluster, workers, feed, chaos=chaos)
            account = asyncio.run(_explained(cluster, play))
            _print_step(console, "all records are sent and processed", start)
            console.print(statement(account))
    console.print(next_steps(directory if keep else None), soft_wrap=True)
    return 0 if account.closes else 1


@contextmanager
def _dashboard(console: Console, environ: Mapping[str, str], directory: Path) -> Iterator[None]:
    """Serve the dashboard during the block, and on a terminal after it until Ctrl-C."""
    (port,) = free_ports(1)
    script = "from cli.main import app; app()"
    argv = [sys.executable, "-c", script, "dashboard", "--port", str(port)]
    command = Command("dashboard", argv, environ, directory / "dashboard.log")
    with Supervisor([command], grace=_STOP_SECONDS):
        console.print(f"         see it in a browser: http://127.0.0.1:{port}/")
        yield
        if console.is_terminal:
            console.print(f"http://127.0.0.1:{port}/ shows what it made; Ctrl-C ends the demo")
            with suppress(KeyboardInterrupt):
                threading.Event().wait()


async def _explained(cluster: ClusterLayout, play: Coroutine[Any, Any, Account]) -> Account:
    """Return the account; an error of Kafka's is raised with its cause and remedy."""
    async with errors_explained(cluster, [cluster.topic(RAW.topic)]):
        return await play


async def _play(
    console: Console, cluster: ClusterLayout, workers: Supervisor, feed: Feed, *, chaos: bool
) -> Account:
    seconds = _CHAOS_FEED_SECONDS if chaos else _FEED_SECONDS
    player, reader = Player(cluster, feed.sent, seconds), Reader(cluster)
    progress = Progress(player, reader, workers)
    async with Lag(cluster) as lag:
        with screen(console) as view:
            is_done = await run_beside(
                _play_and_wait(player, progress, workers, chaos=chaos),
                reader.read(),
                progress.measure(lag),
                progress.show(view),
            )
            view.show(progress.snapshot())
    if not is_done:
        console.print(f"work was left, but nothing was done for {_PATIENCE_SECONDS:.0f} s")
    return balance(reader.tally(player.published), feed)


async def _play_and_wait(
    player: Player, progress: Progress, workers: Supervisor, *, chaos: bool
) -> bool:
    playing = asyncio.create_task(player.play())
    try:
        if chaos:
            await kill_workers(
                workers,
                gap=_KILL_GAP_SECONDS,
                done=progress.committed,
                enough=lambda kills: playing.done() and kills >= MIN_KILLS,
                killed=progress.add_kill,
            )
        await playing
    finally:
        playing.cancel()
    return await progress.wait_until_done(_PATIENCE_SECONDS)


async def run_beside(main: Coroutine[Any, Any, T], *others: Coroutine[Any, Any, object]) -> T:
    """Run ``main`` to its end and return its result; run ``others`` meanwhile, then cancel them.

    Raises:
        Exception: The first failure of any of them, not wrapped as in a task group.
    """
    goal = asyncio.create_task(main)
    tasks = {goal, *(asyncio.create_task(other) for other in others)}
    try:
        pending: set[asyncio.Task[Any]] = set(tasks)
        while not goal.done():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        return goal.result()
    finally:
        await end_tasks(tasks)


def environment(environ: Mapping[str, str], cluster: ClusterLayout) -> dict[str, str]:
    """Return the workers' environment, without the user's own settings for another Kafka."""
    others = {name: value for name, value in environ.items() if not name.startswith(_PREFIX)}
    return others | {
        f"{_PREFIX}KAFKA__BOOTSTRAP": cluster.bootstrap,
        f"{_PREFIX}KAFKA__PARTITIONS": str(cluster.partitions),
        f"{_PREFIX}KAFKA__SIGNAL_PARTITIONS": str(cluster.signal_partitions),
        f"{_PREFIX}WORKER__SESSION_TIMEOUT": str(_SESSION_TIMEOUT_SECONDS),
        f"{_PREFIX}NLP__THREADS": str(max(1, (os.cpu_count() or 1) // _WORKERS)),
        f"{_PREFIX}DETECT__MAX_AHEAD": f"{_MAX_AHEAD_DAYS}d",
        f"{_PREFIX}LOG__FORMAT": "json",
    }


@contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    previous = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _print_step(console: Console, step: str, start: float) -> None:
    console.print(f"{time.monotonic() - start:5.1f} s  {step}", markup=False)
