"""The demo: an own Kafka, two workers, ten days of news in half a minute, and an account."""

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from aiokafka.errors import KafkaError
from rich.console import Console

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from agents.scoring.deduplicate import DedupeSettings
from demo.account import Account, settle
from demo.chaos import KILLS, rampage
from demo.feed.generate import Feed, generate
from demo.lag import Lag
from demo.player import Player
from demo.progress import Progress, WorkersFailed
from demo.race import race
from demo.reader import Reader
from demo.screen import screen
from demo.statement import statement
from infra.backoff import Backoff
from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka
from infra.kafka.failure import EmbeddedKafkaError
from infra.logging import configure_logging
from infra.settings.model import Log
from infra.supervisor import Command, Supervisor
from streams.core.errors import Misconfigured
from streams.kafka.topics import create_topics

_WORKERS = 2
_FEED_SECONDS = 26.0
_CHAOS_SECONDS = 42.0
"""Of the feed, for as much to be still to come at the last kill."""
_KILL_GAP = 2.0
_PATIENCE = 120.0
_GRACE = 5.0
_SESSION_TIMEOUT = 6
"""Seconds: the shortest that brokers allow. A killed worker's partitions wait so long."""
_PREFIX = "NEWSQUAKE_"


def demo(*, chaos: bool = False, keep: bool = False) -> int:
    """Run it all, and clean up whatever happens.

    ``chaos`` kills workers meanwhile; ``keep`` leaves their logs and Kafka's data behind.

    Returns:
        0 if the account closes, 1 if not, 130 if it was interrupted.
    """
    console = Console(highlight=False)
    directory = Path(mkdtemp(prefix="newsquake-demo-"))
    code = 1
    try:
        with _logging_to(directory / "demo.log"), _terminated_as_interrupted():
            code = _run(console, directory, chaos=chaos, keep=keep)
    except KeyboardInterrupt:
        code = 130
        console.print("interrupted")
    except (EmbeddedKafkaError, Misconfigured, KafkaError, WorkersFailed, OSError) as error:
        console.print(f"the demo failed: {error}", markup=False, soft_wrap=True)
    finally:
        _leave(console, directory, keep=keep or code == 1)
    return code


def _run(console: Console, directory: Path, *, chaos: bool, keep: bool) -> int:
    start = time.monotonic()
    kafka = EmbeddedKafka(user_cache_dir(os.environ), data=directory / "kafka" if keep else None)
    with kafka:
        _told(console, "Kafka is up", start)
        cluster = ClusterLayout(bootstrap=kafka.bootstrap)
        start = time.monotonic()
        asyncio.run(create_topics(cluster, required_topics(cluster, DedupeSettings().window)))
        _told(console, "topics are made", start)
        with _workers(cluster, directory, chaos=chaos) as workers:
            account = asyncio.run(_play(console, cluster, workers, chaos=chaos))
            console.print(statement(account))
    return 0 if account.closes else 1


async def _play(
    console: Console, cluster: ClusterLayout, workers: Supervisor, *, chaos: bool
) -> Account:
    start = time.monotonic()
    feed = await asyncio.to_thread(generate)
    _told(console, f"a feed of {len(feed.sent):,} records is made", start)
    start = time.monotonic()
    account = await _watched(console, cluster, workers, feed, chaos=chaos)
    _told(console, "all of it was played and processed", start)
    return account


async def _watched(
    console: Console, cluster: ClusterLayout, workers: Supervisor, feed: Feed, *, chaos: bool
) -> Account:
    seconds = _CHAOS_SECONDS if chaos else _FEED_SECONDS
    player, reader = Player(cluster, feed.sent, seconds), Reader(cluster)
    progress = Progress(player, reader, workers)
    async with Lag(cluster) as lag:
        with screen(console) as shown:
            settled = await race(
                _goal(player, progress, workers, chaos=chaos),
                reader.read(),
                progress.measure(lag),
                progress.show(shown),
            )
            shown.show(progress.snapshot())
    if not settled:
        console.print(f"some of it was still to be done, and nothing was for {_PATIENCE:.0f} s")
    return settle(reader.tally(player.published), feed)


async def _goal(player: Player, progress: Progress, workers: Supervisor, *, chaos: bool) -> bool:
    playing = asyncio.create_task(player.play())
    try:
        if chaos:
            await rampage(
                workers,
                gap=_KILL_GAP,
                done=progress.done,
                enough=lambda kills: playing.done() and kills >= KILLS,
                killed=progress.killed,
            )
        await playing
    finally:
        playing.cancel()
    return await progress.settled(_PATIENCE)


@contextmanager
def _workers(cluster: ClusterLayout, directory: Path, *, chaos: bool) -> Iterator[Supervisor]:
    environ = environment(os.environ, cluster)
    argv = [sys.executable, "-c", "from cli.main import app; app()", "worker"]
    names = [f"worker-{i}" for i in range(1, _WORKERS + 1)]
    commands = [Command(name, argv, environ, directory / f"{name}.log") for name in names]
    backoff = Backoff(first=0.2, factor=1.0, budget=60 if chaos else 5)
    with Supervisor(commands, backoff=backoff, grace=_GRACE) as workers:
        yield workers


def environment(environ: Mapping[str, str], cluster: ClusterLayout) -> dict[str, str]:
    """What the workers get: no setting of the user's own, who has another Kafka in mind."""
    others = {name: value for name, value in environ.items() if not name.startswith(_PREFIX)}
    return others | {
        f"{_PREFIX}KAFKA__BOOTSTRAP": cluster.bootstrap,
        f"{_PREFIX}KAFKA__PARTITIONS": str(cluster.partitions),
        f"{_PREFIX}KAFKA__SIGNAL_PARTITIONS": str(cluster.signal_partitions),
        f"{_PREFIX}WORKER__SESSION_TIMEOUT": str(_SESSION_TIMEOUT),
        f"{_PREFIX}NLP__THREADS": str(max(1, (os.cpu_count() or 1) // _WORKERS)),
        f"{_PREFIX}LOG__FORMAT": "json",
    }


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    with path.open("a") as stream:
        configure_logging(Log(), stream)
        try:
            yield
        finally:
            configure_logging(Log())


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(console: Console, directory: Path, *, keep: bool) -> None:
    if keep:
        console.print(
            f"logs (and what else was kept) are in {directory}", markup=False, soft_wrap=True
        )
    else:
        shutil.rmtree(directory, ignore_errors=True)


def _told(console: Console, what: str, start: float) -> None:
    console.print(f"{time.monotonic() - start:5.1f} s  {what}", markup=False)
