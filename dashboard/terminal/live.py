"""The pipeline live in a terminal: reads Kafka as the pages do, and draws twice a second."""

import asyncio
import logging
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from rich.console import Console
from rich.live import Live

from dashboard.api.answers import now_answer
from dashboard.api.flow_answer import flow_answer
from dashboard.feed import Feed
from dashboard.operations import Operations
from dashboard.terminal.picture import picture
from dashboard.view.news_view import NewsView
from infra.settings.model import Settings
from streams.core.errors import Misconfigured
from streams.kafka.connection import end_tasks
from streams.monitoring.diagnosis import connection_problem

_DRAW_SECONDS: Final = 0.5
_END_KEYS: Final = frozenset({"q", "Q", "\x03", ""})
"""Keys that end it; an empty text is the end of the input."""


def show_live(settings: Settings) -> None:
    """Show the pipeline until somebody presses q or Ctrl-C.

    Raises:
        Misconfigured: There is no broker.
    """
    # A line of the log would stand in the picture; what is wrong is shown at its top.
    silent = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=silent)
    try:
        asyncio.run(_show(settings))
    except KeyboardInterrupt:
        return


async def _show(settings: Settings) -> None:
    cluster = settings.kafka
    addresses = cluster.bootstrap.split(",")
    problems = [await connection_problem(cluster, address) for address in addresses]
    if all(problems):
        raise Misconfigured(problems[0])
    view = NewsView(settings.detect, cluster.partitions**2)
    feed, operations = Feed(cluster, view, settings.dashboard.history), Operations(cluster)
    stop = asyncio.Event()
    tasks = [asyncio.create_task(work) for work in (feed.read(), operations.watch())]
    try:
        with _keys(stop), Live(console=Console(), screen=True, auto_refresh=False) as live:
            while not stop.is_set():
                wall = time.time()
                size = live.console.size
                answers = now_answer(view, wall), flow_answer(view, feed, operations, wall)
                live.update(picture(*answers, cluster.bootstrap, size), refresh=True)
                waiting = [asyncio.create_task(stop.wait()), *tasks]
                done, _ = await asyncio.wait(
                    waiting, timeout=_DRAW_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                waiting[0].cancel()
                for task in done:
                    task.result()  # a defect of ours ends the process
    finally:
        await end_tasks(tasks)


@contextmanager
def _keys(stop: asyncio.Event) -> Iterator[None]:
    """Set ``stop`` when a key ends it; the terminal is as it was afterwards."""
    stdin, loop = sys.stdin.fileno(), asyncio.get_running_loop()
    before = termios.tcgetattr(stdin)

    def read_key() -> None:
        if sys.stdin.read(1) in _END_KEYS:
            stop.set()

    tty.setcbreak(stdin)
    loop.add_reader(stdin, read_key)
    try:
        yield
    finally:
        loop.remove_reader(stdin)
        termios.tcsetattr(stdin, termios.TCSADRAIN, before)
