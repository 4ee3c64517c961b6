"""Run stages together: one consumer group for each, all in one event loop, until asked to stop."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from aiokafka.errors import KafkaConnectionError

from streams.core.backpressure import InFlightBudget
from streams.core.consumer import Consumer
from streams.core.errors import Fenced, Misconfigured, OnFailure, Stalled, report_failure
from streams.core.fuse import Fuse
from streams.core.lease import Leases
from streams.core.pump import AnyPump, Pump
from streams.core.settings import StreamSettings
from streams.core.stage import AnyStage
from streams.faust.consumer import create_consumer
from streams.faust.stage_status import StageStatus, ignore_status
from streams.faust.stall_detector import StallDetector
from streams.faust.stopping import report_no_answer, wait_for_kafka
from streams.growth.layout import Layout
from streams.growth.layout_guard import LayoutGuard
from streams.growth.start import topics_read
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.monitoring.diagnosis import errors_explained
from streams.monitoring.metrics_hook import MetricsHook, ignore_samples
from streams.monitoring.progress import Progress
from streams.monitoring.watchdog import watch
from streams.positions.idle import IdleCommits
from streams.positions.topic_ids import watch_topic_ids

Duty = Coroutine[Any, Any, None]
_IDLE_CHECK_SECONDS = 2.5
"""The time between two looks at idle partitions; a marker is committed at the second."""
_STALL_CHECKS = 10
"""The number of times that a partition is looked at before it counts as stalled."""
_MAX_STALL_CHECK_SECONDS = 3.0
"""The longest time between two such looks; after the second it is asked what the broker has."""


async def run_stages(  # noqa: PLR0913, PLR0917 - a worker has so many parts
    stages: Sequence[AnyStage],
    cluster: Cluster,
    settings: StreamSettings,
    stop: asyncio.Event,
    observe: MetricsHook = ignore_samples,
    progress: Progress | None = None,
    on_start: Callable[[StageStatus], None] = ignore_status,
    layout: Layout | None = None,
) -> bool:
    """Run ``stages`` until ``stop`` is set, then commit all decisions and leave the groups.

    ``progress`` shows what is waited for. ``on_start`` receives the status of each stage, which
    can be asked from then on. A ``layout`` must hold for as long as the stages run.

    Returns:
        False if Kafka did not answer in time. Threads of its clients may then still wait for it:
        exit without closing anything.

    Raises:
        Exception: The first failure of any stage. The process must end: memory may be ahead of
            what is committed.
    """
    failed, on_failure, on_watch_failure = _failures(stop)
    progress = progress or Progress(settings.patience)
    positions = next((stage.positions for stage in stages if stage.positions), None)
    guard = LayoutGuard(cluster, positions, layout) if positions and layout else None
    connect = partial(_connect, cluster, settings, observe, progress, guard, on_failure)
    pumps = [connect(stage) for stage in stages]
    watches: list[Duty] = [
        watch(progress, cluster, settings),
        _watch_layout(guard, stages),
        watch_topic_ids(cluster, topics_read(stages)),
    ]
    for pump, consumer in pumps:
        on_start(StageStatus(pump, consumer))
        watches.append(_commit_when_idle(pump, consumer, settings.keep_alive))
        watches.append(_raise_when_stalled(pump, consumer, settings.standstill))
    duties = [duty for pump, consumer in pumps for duty in (consumer.run(), _tick(pump))]
    tasks = [*_start(duties, on_failure), *_start(watches, on_watch_failure)]
    sources = [stage.source for stage in stages]
    try:
        async with errors_explained(cluster, sources):
            await _wait_for(failed, stop, guard)
    except Misconfigured as error:
        if not (stop.is_set() and isinstance(error.__cause__, KafkaConnectionError)):
            raise
        # The broker went away at the moment at which the worker was asked to stop.
        report_no_answer([pump for pump, _ in pumps], 0.0, str(error))
        return False
    is_left = await _leave(pumps, settings.stop_timeout)
    for task in tasks:
        task.cancel()
    if is_left and failed.done():
        async with errors_explained(cluster, sources):
            failed.result()
    return is_left


def _connect(  # noqa: PLR0913, PLR0917 - what all stages of a worker share
    cluster: Cluster,
    settings: StreamSettings,
    observe: MetricsHook,
    progress: Progress,
    guard: LayoutGuard | None,
    on_failure: OnFailure,
    stage: AnyStage,
) -> tuple[AnyPump, Consumer]:
    """Return the pump of a stage and the consumer that feeds it, not started."""
    log = KafkaLog(cluster, progress, guard)
    leases = Leases(log, stage, on_failure, settings.linger, observe)
    budget = InFlightBudget(settings.in_flight_bytes)
    fuse = Fuse(settings.fuse_share, settings.fuse_window)
    pump = Pump(stage, leases, budget, fuse, observe)
    return pump, create_consumer(pump, cluster, settings, on_failure, progress)


async def _watch_layout(guard: LayoutGuard | None, stages: Sequence[AnyStage]) -> None:
    if guard:
        await guard.watch(topics_read(stages))


async def _wait_for(
    failed: asyncio.Future[None], stop: asyncio.Event, guard: LayoutGuard | None
) -> None:
    """Wait for ``stop``, or raise the failure that comes before it; a growth fences all."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((failed, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if failed.done():
        if guard and isinstance(failed.exception(), Fenced):
            await guard.check()
        failed.result()


def _failures(stop: asyncio.Event) -> tuple[asyncio.Future[None], OnFailure, OnFailure]:
    """Return the future of the first failure, and what reports failures of duties and watches."""
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_failure(error: BaseException) -> None:
        if not failed.done():
            failed.set_exception(error)

    def on_watch_failure(error: BaseException) -> None:
        # A consumer that is being stopped can't be asked any more.
        if not stop.is_set():
            on_failure(error)

    return failed, on_failure, on_watch_failure


def _start(duties: Sequence[Duty], on_failure: OnFailure) -> list[asyncio.Task[None]]:
    async def report(duty: Duty) -> None:
        with report_failure(on_failure):
            await duty

    return [asyncio.create_task(report(duty)) for duty in duties]


async def _tick(pump: AnyPump) -> None:
    """Tick for ever, in a stage whose handler wants it."""
    while pump.stage.tick_seconds:
        await asyncio.sleep(pump.stage.tick_seconds)
        await pump.tick()


async def _raise_when_stalled(pump: AnyPump, consumer: Consumer, patience_seconds: float) -> None:
    """End the process when a partition is not read: a new start reads it again."""
    detector = StallDetector(patience_seconds)
    pause = min(patience_seconds / _STALL_CHECKS, _MAX_STALL_CHECK_SECONDS)
    while True:
        await asyncio.sleep(pause)
        now = time.monotonic()
        if pump.busy_since is not None and pump.busy_since < now - pause:
            detector.reset()
        elif stalled := detector.stalled(await consumer.read_progress(), now):
            names = ", ".join(f"{source.topic}-{source.partition}" for source in stalled)
            raise Stalled(f"{names}: records wait and are not read; starting again reads them")
        for source, position in detector.waiting(now, pause / 2).items():
            consumer.probe(source, position)


async def _commit_when_idle(pump: AnyPump, consumer: Consumer, keep_alive_seconds: float) -> None:
    """Commit behind the markers of transactions, and now and then in any case."""
    idle = IdleCommits(keep_alive_seconds)
    while True:
        await asyncio.sleep(min(_IDLE_CHECK_SECONDS, keep_alive_seconds / 2))
        progress = await consumer.read_progress()
        for source, position in idle.due(progress, pump.leases.held, time.monotonic()):
            await pump.commit_idle(source, position)


async def _leave(pumps: Sequence[tuple[AnyPump, Consumer]], timeout_seconds: float) -> bool:
    """Handle nothing more, commit all decisions, leave the groups; False if Kafka is away."""

    async def leave(pump: AnyPump, consumer: Consumer) -> None:
        await pump.stop()
        await pump.leases.flush()
        await consumer.stop()
        await pump.leases.hold([])

    leaving = asyncio.gather(*(leave(pump, consumer) for pump, consumer in pumps))
    return await wait_for_kafka(leaving, [pump for pump, _ in pumps], timeout_seconds)
