"""``newsquake worker``."""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Never, TypeVar

import structlog
from pydantic import ValidationError

from agents.pipeline import AGENTS
from cli.failures import explain
from cli.model_reload import follow, initial_model_state
from cli.operate.worker_models import load_models
from cli.operate.worker_monitoring import exporter_of, health_of, observing
from infra.forked_agents import fork_each, wait_for_all
from infra.logging import configure_logging
from infra.privacy.letter_masks import with_masks
from infra.privacy.redaction import redaction_of
from infra.runtime import (
    collect_garbage_rarely,
    return_freed_memory,
    share_what_is_loaded,
    use_short_switch_interval,
    use_uvloop,
)
from infra.settings.model import Settings, Worker
from infra.supervisor import AGAIN
from infra.telemetry.tracing import worker_tracing
from infra.usage_error import UsageError

if TYPE_CHECKING:
    from streams.core.stage import AnyStage
    from streams.growth.layout import Layout
    from streams.monitoring.progress import Progress
    from streams.monitoring.tracing import Tracing

_log = structlog.get_logger("newsquake.worker")

T = TypeVar("T")


def with_agents(settings: Settings, agents: str | None) -> Settings:
    """Return ``settings`` with the agents from the command line, if it names any.

    Raises:
        UsageError: An agent does not exist or is named twice.
    """
    if agents is None:
        return settings
    names = [name.strip() for name in agents.split(",") if name.strip()]
    try:
        worker = Worker.model_validate({**settings.worker.model_dump(), "agents": names})
    except ValidationError:
        raise UsageError(f"--agents: {agents!r} should be some of {','.join(AGENTS)}") from None
    return settings.model_copy(update={"worker": worker})


def run(settings: Settings) -> None:
    """Run the agents until SIGTERM or SIGINT, then exit; any failure exits with code 1 at once.

    The exit code is `AGAIN` if the model was replaced, so that the supervisor starts a new worker.

    With `worker.split`, each agent runs in a process of its own where that is possible. The agents
    then use several cores, and a busy model does not delay the heartbeats of the others.
    """
    configure_logging(settings.log, redact=redaction_of(settings))
    if settings.is_split:
        sys.exit(_run_in_processes(settings))
    use_uvloop()
    sys.exit(asyncio.run(_exit_on_failure(_verify_and_run(settings))))


def _run_in_processes(settings: Settings) -> int:
    # Once, before there are several processes, which share what is imported.
    import streams.faust.worker  # noqa: F401 - as said above

    def run_alone(name: str) -> None:
        use_uvloop()
        own_settings = _settings_of(settings, name)
        sys.exit(asyncio.run(_exit_on_failure(_run_agents(own_settings, layout))))

    layout = asyncio.run(_exit_on_failure(_verify(settings)))
    share_what_is_loaded()
    pids = fork_each(settings.worker.agents, run_alone)

    async def wait() -> int:
        return await _logging_outages(settings, wait_for_all(pids, _stop_on_signals()))

    return asyncio.run(wait())


def _settings_of(settings: Settings, name: str) -> Settings:
    """Return the settings for one agent, whose process has a port of its own."""
    port = settings.ports.get(name, 0)
    metrics = settings.metrics.model_copy(update={"port": port})
    return with_agents(settings, name).model_copy(update={"metrics": metrics})


async def _exit_on_failure(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of ``work``; log a failure in one line and exit with code 1.

    Nothing is closed after a failure: a shutdown that hangs would hide it.
    """
    try:
        return await work
    except Exception as error:  # noqa: BLE001 - unknown failures end the process too
        if explained := explain(error):
            _log.error("worker failed", problem=" ".join(explained.lines))
        else:
            _log.error("worker failed", problem=f"{type(error).__name__}: {error}", exc_info=error)
        _exit_at_once(1)


def _exit_at_once(code: int) -> Never:
    """Exit without closing anything: threads of Kafka's clients may wait for a broker."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


async def _verify_and_run(settings: Settings) -> int:
    layout = await _verify(settings)
    return await _logging_outages(settings, _run_agents(settings, layout))


async def _verify(settings: Settings) -> "Layout | None":
    """Check the topics of the agents, log differences, and return the layout of the cluster."""
    from agents.kafka_topics import agent_topics
    from agents.present_layout import verify
    from streams.kafka.topic_comparison import compare_settings
    from streams.monitoring.diagnosis import errors_explained

    topics = agent_topics(settings.kafka, settings.score.window, settings.worker.agents)
    async with errors_explained(settings.kafka):
        layout = await verify(settings.kafka, topics)
    for name, problem, remedy in await compare_settings(settings.kafka, topics):
        _log.warning("topic differs", topic=name, problem=problem, remedy=remedy)
    return layout


async def _logging_outages(settings: Settings, work: Coroutine[Any, Any, T]) -> T:
    """Return the result of ``work``; meanwhile log when Kafka is away."""
    from streams.monitoring.broker_health import log_outages

    watching = asyncio.create_task(log_outages(settings.kafka))
    result = await work
    watching.cancel()
    return result


async def _run_agents(settings: Settings, layout: "Layout | None") -> int:
    """Run the agents in this process until a signal, and return the exit code."""
    from streams.faust.worker import run_stages
    from streams.monitoring.progress import Progress

    stop = _stop_on_signals()
    names = settings.worker.agents
    return_freed_memory(has_model=settings.worker.needs_model)
    progress = Progress(settings.worker.patience)
    health = health_of(settings, progress)
    exporter = exporter_of(settings, health)
    models = await initial_model_state(settings)
    with worker_tracing(settings) as tracing:
        stages, model_id = await _load_stages(settings, layout, progress, tracing)
        exporter.publish_build_info(names, version("newsquake"), model_id)
        collect_garbage_rarely()
        use_short_switch_interval()
        _log.info("worker ready", agents=list(names))

        following = asyncio.create_task(follow(settings, models, stop)) if models else None
        show = health.statuses.append
        with observing(settings, health, exporter) as hook:
            is_left = await run_stages(
                stages, settings.kafka, settings.worker, stop, hook, progress, show, layout
            )
    if not is_left:
        _exit_at_once(0)
    _log.info("worker stopped", agents=list(names))
    code = 0
    if following is not None and not following.cancel():
        following.result()  # raises the failure of the task, if any
        code = AGAIN
    if any(stage.handler.is_occupied() for stage in stages):
        _exit_at_once(code)  # a model that hangs would keep the process
    return code


async def _load_stages(
    settings: Settings,
    layout: "Layout | None",
    progress: "Progress",
    tracing: "Tracing | None",
) -> "tuple[list[AnyStage], str]":
    """Load what the agents need; return their stages and the model's id."""
    from agents.pipeline import build_stages
    from agents.present_layout import lineages
    from agents.silencing.known_subjects import warn_of_misspelt
    from infra.input.profile_folder import profiles_of
    from infra.notifying.courier import make_courier
    from infra.silencing.silences import patient_table
    from infra.telemetry.tracing import with_tracing

    models = await load_models(settings)
    if "detect" in settings.worker.agents:
        await asyncio.to_thread(warn_of_misspelt, settings.detect.silenced, settings.companies)
    notifies = "notify" in settings.worker.agents
    stages = build_stages(
        settings.worker.agents,
        cluster=settings.kafka,
        classifier=models.classifier,
        rule=settings.detect,
        dedupe=settings.score,
        companies=models.companies,
        max_bytes=settings.ingest.max_bytes,
        profiles=profiles_of(settings),
        version=version("newsquake"),
        lineages=lineages(settings.kafka, layout),
        circuit=settings.circuit,
        fallback=models.fallback,
        reference=models.reference,
        silences=patient_table(settings.kafka, progress),
        notify=settings.notify if notifies else None,
        courier=make_courier(settings.notify, version("newsquake"), tracing) if notifies else None,
    )
    return with_tracing(with_masks(stages, settings), tracing), models.classifier.model_id


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
