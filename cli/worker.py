"""``newsquake worker``."""

import asyncio
import os
import signal
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, NoReturn

import structlog
from pydantic import ValidationError

from cli.failures import Usage, explain
from infra.logging import configure
from infra.loop import use_fast_loops
from infra.settings import Settings, Worker

if TYPE_CHECKING:
    from datetime import timedelta

_log = structlog.get_logger("newsquake.worker")


def with_agents(settings: Settings, agents: str | None) -> Settings:
    """``settings`` with the agents of the command line, if there are any.

    Raises:
        Usage: there is no such agent, or one is named twice.
    """
    if agents is None:
        return settings
    names = [name.strip() for name in agents.split(",") if name.strip()]
    try:
        worker = Worker.model_validate({**settings.worker.model_dump(), "agents": names})
    except ValidationError:
        raise Usage(f"--agents: {agents!r} should be some of ingest,score,detect") from None
    return settings.model_copy(update={"worker": worker})


def run(settings: Settings) -> None:
    """Run the stages until SIGTERM or SIGINT; any failure ends the process with 1, at once."""
    configure(settings.log)
    use_fast_loops()
    asyncio.run(_guarded(settings))


async def _guarded(settings: Settings) -> None:
    # A shutdown that hangs must not hide a crash, so nothing is closed after one.
    try:
        await _work(settings)
    except Exception as error:  # noqa: BLE001 - unknown failures end the process too
        _crash(error)


async def _work(settings: Settings) -> None:
    from agents.pipeline import stages  # noqa: PLC0415 - their failures are logged as one line
    from agents.topics import topics  # noqa: PLC0415
    from nlp.load import load  # noqa: PLC0415
    from streams.topics import verify  # noqa: PLC0415
    from streams.worker import run as work  # noqa: PLC0415

    stop = _stop_on_signals()
    window: timedelta = settings.score.window
    await verify(settings.kafka, topics(settings.kafka, window))
    chosen = stages(
        settings.worker.agents,
        cluster=settings.kafka,
        classifier=await asyncio.to_thread(load, settings.nlp),
        rule=settings.detect,
        dedupe=settings.score,
        max_bytes=settings.ingest.max_bytes,
        version=version("newsquake"),
    )
    _log.info("worker ready", agents=list(settings.worker.agents))
    await work(chosen, settings.kafka, settings.worker, stop)
    _log.info("worker stopped")


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _crash(error: Exception) -> NoReturn:
    explained = explain(error)
    if explained:
        _log.error("worker failed", problem=" ".join(explained.lines))
    else:
        _log.error("worker failed", problem=f"{type(error).__name__}: {error}", exc_info=error)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)
