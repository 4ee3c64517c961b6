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
from infra.forked_agents import can_fork, fork_each, wait_for_all
from infra.logging import configure_logging
from infra.runtime import collect_garbage_rarely, use_short_switch_interval, use_uvloop
from infra.settings.model import Settings, Worker
from infra.supervisor import AGAIN
from infra.usage_error import UsageError

if TYPE_CHECKING:
    from nlp.classifier import Classifier
    from streams.core.metrics_hook import MetricsHook

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
    configure_logging(settings.log)
    if settings.worker.split and len(settings.worker.agents) > 1 and can_fork():
        sys.exit(_run_in_processes(settings))
    use_uvloop()
    sys.exit(asyncio.run(_exit_on_failure(_verify_and_run(settings))))


def _run_in_processes(settings: Settings) -> int:
    import streams.faust.worker  # noqa: F401 - once, before there are several processes

    def run_alone(name: str) -> None:
        use_uvloop()
        sys.exit(asyncio.run(_exit_on_failure(_run_agents(_settings_of(settings, name)))))

    asyncio.run(_exit_on_failure(_verify(settings)))
    pids = fork_each(settings.worker.agents, run_alone)

    async def wait() -> int:
        return await _logging_outages(settings, wait_for_all(pids, _stop_on_signals()))

    return asyncio.run(wait())


def _settings_of(settings: Settings, name: str) -> Settings:
    """Return the settings for one agent; its metrics port is the first port plus its index."""
    first, index = settings.metrics.port, settings.worker.agents.index(name)
    metrics = settings.metrics.model_copy(update={"port": first + index if first else 0})
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
    await _verify(settings)
    return await _logging_outages(settings, _run_agents(settings))


async def _verify(settings: Settings) -> None:
    """Check that the required topics exist as they must be, and log differences."""
    from agents.kafka_topics import required_topics
    from streams.kafka.topic_comparison import compare_settings
    from streams.kafka.topics import verify_topics

    topics = required_topics(settings.kafka, settings.score.window)
    await verify_topics(settings.kafka, topics)
    for name, problem, remedy in await compare_settings(settings.kafka, topics):
        _log.warning("topic differs", topic=name, problem=problem, remedy=remedy)


async def _logging_outages(settings: Settings, work: Coroutine[Any, Any, T]) -> T:
    """Return the result of ``work``; meanwhile log when Kafka is away."""
    from streams.kafka.broker_health import log_outages

    watching = asyncio.create_task(log_outages(settings.kafka))
    result = await work
    watching.cancel()
    return result


async def _run_agents(settings: Settings) -> int:
    """Run the agents in this process until a signal, and return the exit code."""
    from agents.pipeline import build_stages
    from nlp.companies.finder import CompanyFinder
    from nlp.load import load
    from nlp.null import NullClassifier
    from streams.faust.worker import run_stages

    stop = _stop_on_signals()
    names = settings.worker.agents
    models = await initial_model_state(settings)
    classifier: Classifier = NullClassifier()
    companies: CompanyFinder | None = None
    if settings.worker.needs_model:
        classifier = await asyncio.to_thread(load, settings.nlp)
        companies = await asyncio.to_thread(CompanyFinder.load, settings.companies)
    stages = build_stages(
        names,
        cluster=settings.kafka,
        classifier=classifier,
        rule=settings.detect,
        dedupe=settings.score,
        companies=companies,
        max_bytes=settings.ingest.max_bytes,
        version=version("newsquake"),
    )
    collect_garbage_rarely()
    use_short_switch_interval()
    _log.info("worker ready", agents=list(names))

    following = asyncio.create_task(follow(settings, models, stop)) if models else None
    hook = _exporter(settings, classifier.model_id)
    if not await run_stages(stages, settings.kafka, settings.worker, stop, hook):
        _exit_at_once(0)
    _log.info("worker stopped", agents=list(names))
    if following is None or following.cancel():
        return 0
    following.result()  # raises the failure of the task, if any
    return AGAIN


def _exporter(settings: Settings, model: str) -> "MetricsHook":
    from streams.core.metrics_hook import ignore_samples

    if not settings.metrics.port:
        return ignore_samples
    from infra.exporter import Exporter

    exporter = Exporter()
    exporter.publish_build_info(settings.worker.agents, version("newsquake"), model)
    exporter.serve(settings.metrics)
    return exporter


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
