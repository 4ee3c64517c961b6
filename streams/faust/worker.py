"""Stages run together: one consumer group a stage, all in one event loop, until told to stop."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from typing import Any

import structlog

from streams.core.errors import Stalled, StreamError
from streams.core.metrics_hook import MetricsHook, ignore_samples
from streams.core.settings import StreamSettings
from streams.core.stage import Stage
from streams.faust.app import App, OnFailure, create, reach
from streams.faust.stall_detector import StallDetector
from streams.kafka.cluster import Cluster

_log = structlog.get_logger(__name__)
_GRACE_SECONDS = 20.0
_WATCH_SECONDS = 0.5
_LOOKS = 10
"""How often a partition is looked at before it is said to stand still."""


async def run_stages(
    stages: Sequence[Stage[Any]],
    cluster: Cluster,
    tuning: StreamSettings,
    stop: asyncio.Event,
    observe: MetricsHook = ignore_samples,
) -> None:
    """Run ``stages`` until ``stop`` is set, then commit what was decided and leave the groups.

    ``observe`` is told what happens.

    Raises:
        Exception: the first failure of any stage. The process must end: memory may be ahead of
            what is committed.
    """
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_failure(error: BaseException) -> None:
        if not failed.done():
            failed.set_exception(error)

    apps = [create(stage, cluster, tuning, on_failure, observe) for stage in stages]
    lives = [_live(app) for app in apps]
    ticks = [
        _tick(app, stage.tick_seconds)
        for app, stage in zip(apps, stages, strict=True)
        if stage.tick_seconds
    ]
    watches = [_watch(app, tuning.standstill) for app in apps]
    tasks = [
        asyncio.create_task(_or_fail(doing, on_failure)) for doing in (*lives, *ticks, *watches)
    ]
    await _first(failed, stop)
    await asyncio.wait_for(asyncio.gather(*(_leave(app) for app in apps)), _GRACE_SECONDS)
    for task in tasks:
        task.cancel()
    if failed.done():
        failed.result()


async def _first(failed: asyncio.Future[None], stop: asyncio.Event) -> None:
    """Wait for ``stop``, or raise the failure that comes before it."""
    stopping = asyncio.ensure_future(stop.wait())
    waiting: list[asyncio.Future[Any]] = [failed, stopping]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if failed.done():
        failed.result()


async def _or_fail(doing: Coroutine[Any, Any, None], on_failure: OnFailure) -> None:
    try:
        await doing
    except Exception as error:  # noqa: BLE001 - whatever failed, the process ends
        on_failure(error)


async def _live(app: App) -> None:
    """Start ``app`` and watch over it: Faust notes a crash of its services and goes on."""
    await app.start()
    _log.info("stage started", stage=app.conf.id)
    while not app.crashed:  # noqa: ASYNC110 - a flag that Faust sets
        await asyncio.sleep(_WATCH_SECONDS)
    raise app.crash_reason or StreamError("Faust stopped the stage")


async def _tick(app: App, pause: float) -> None:
    while True:
        await asyncio.sleep(pause)
        await app.pump.tick()


async def _watch(app: App, patience: float) -> None:
    """End the process when a partition stands still: a new start reads it again."""
    standstill, pause = StallDetector(patience), patience / _LOOKS
    while True:
        await asyncio.sleep(pause)
        now = time.monotonic()
        if app.pump.busy_since is not None and app.pump.busy_since < now - pause:
            standstill.forgive()
        elif found := standstill.look(await reach(app), now):
            names = ", ".join(f"{source.topic}-{source.partition}" for source in found)
            raise Stalled(f"{names}: records wait and are not read; starting again reads them")


async def _leave(app: App) -> None:
    """Handle nothing more, commit what was decided, leave the group."""
    await app.pump.stop()
    await app.leases.drained()
    await app.stop()
    await app.leases.hold([])
