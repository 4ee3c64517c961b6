"""``newsquake dashboard``: reads Kafka, and serves the pages until SIGTERM or Ctrl-C."""

import asyncio
import logging
import signal
from functools import partial
from typing import Final

import typer
from aiohttp import web

from dashboard.api.events import tell_changes
from dashboard.api.server import Server
from dashboard.api.sources import Sources
from dashboard.api.stream import Broadcaster
from dashboard.examiner import Examiner
from dashboard.explaining import Explaining
from dashboard.feed import Feed
from dashboard.models import Models
from dashboard.operations import Operations
from dashboard.originals import Originals
from dashboard.replay_planner import ReplayPlanner
from dashboard.view.news_view import NewsView
from infra.http.listening import listen
from infra.input.profile_folder import door_of
from infra.logging import configure_logging
from infra.privacy.redaction import redaction_of
from infra.settings.model import Settings
from infra.silencing.silences import write_silence
from infra.usage_error import UsageError
from streams.core.errors import Misconfigured
from streams.kafka.connection import end_tasks
from streams.monitoring.diagnosis import connection_problem

_STOP_SECONDS: Final = 2.0
"""Time for answers that have begun, before the process ends."""


def run(settings: Settings) -> None:
    """Serve the dashboard until SIGTERM or SIGINT.

    Raises:
        UsageError: The address can be reached from elsewhere, and wants nothing of who asks.
        Misconfigured: There is no broker, or the port is taken.
    """
    dashboard = settings.dashboard
    if dashboard.is_open_to_strangers:
        raise UsageError(
            f"dashboard.host: {dashboard.host} can be reached from elsewhere, and anybody could "
            "read the news: set NEWSQUAKE_DASHBOARD__TOKEN or NEWSQUAKE_DASHBOARD__CLIENT_CA_FILE, "
            "or serve at 127.0.0.1"
        )
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    configure_logging(settings.log, redact=redaction_of(settings))
    for name in ("aiohttp.access", "aiokafka", "kafka"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    addresses = settings.kafka.bootstrap.split(",")
    problems = [await connection_problem(settings.kafka, address) for address in addresses]
    if all(problems):
        raise Misconfigured(problems[0])
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(settings, stop)


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Read and serve until ``stop`` is set; print the address once the port is open.

    Raises:
        Misconfigured: The port is taken or may not be used.
    """
    cluster = settings.kafka
    view = NewsView(settings.detect, cluster.partitions**2)
    feed = Feed(cluster, view, settings.dashboard.history)
    operations, broadcaster = Operations(cluster), Broadcaster()
    originals = Originals(cluster, door_of(settings))
    explaining, models = Explaining(settings.nlp), Models(settings)
    sources = Sources(
        view,
        feed,
        operations,
        broadcaster,
        Examiner(settings),
        originals,
        explaining,
        models,
        ReplayPlanner(cluster),
        settings.detect,
        settings.companies,
        partial(write_silence, cluster),
    )
    runner = web.AppRunner(
        Server(sources, settings.dashboard).application(), shutdown_timeout=_STOP_SECONDS
    )
    await runner.setup()
    works = (feed.read(), operations.watch(), models.watch(), tell_changes(sources))
    tasks = [asyncio.create_task(work) for work in works]
    try:
        typer.echo(f"ready {await listen(runner, settings.dashboard, 'dashboard')}/")
        waiting = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # a defect of ours ends the process
    finally:
        broadcaster.close()
        explaining.close()
        await end_tasks(tasks)
        await runner.cleanup()
