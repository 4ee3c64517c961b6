"""``newsquake worker``."""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Never, NoReturn, TypeVar

import structlog
from pydantic import ValidationError

from agents.pipeline import AGENTS
from cli.failures import explain
from cli.model_reload import follow, starting
from infra.forked_agents import Pids, can_divide, divide, together
from infra.logging import configure_logging
from infra.runtime import collect_garbage_rarely, use_short_switch_interval, use_uvloop
from infra.settings.model import Settings, Worker
from infra.supervisor import AGAIN
from infra.usage_error import UsageError

if TYPE_CHECKING:
    from nlp.classifier import Classifier
    from nlp.companies.finder import CompanyFinder
    from streams.core.metrics_hook import MetricsHook

_log = structlog.get_logger("newsquake.worker")

T = TypeVar("T")


def with_agents(settings: Settings, agents: str | None) -> Settings:
    """``settings`` with the agents of the command line, if there are any.

    Raises:
        UsageError: there is no such agent, or one is named twice.
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
    """Run the stages until SIGTERM or SIGINT; any failure ends the process with 1, at once.

    It ends with `AGAIN` when the model that it follows was replaced by another: start it again.

    With `worker.split` each stage has a process of its own where that can be had: they use several
    cores, and a model at work never keeps another stage from its heartbeats.
    """
    configure_logging(settings.log)
    worker = settings.worker
    if worker.split and len(worker.agents) > 1 and can_divide():
        sys.exit(_divided(settings))
    use_uvloop()
    sys.exit(asyncio.run(_guarded(_whole(settings))))


def _divided(settings: Settings) -> int:
    import streams.faust.worker  # noqa: F401, PLC0415 - once, before there are several processes

    asyncio.run(_guarded(_verify(settings)))
    pids = divide(settings.worker.agents, lambda name: _alone(_part(settings, name)))
    return asyncio.run(_watch_over(settings, pids))


def _part(settings: Settings, name: str) -> Settings:
    """The settings for one stage of a divided worker, which has the metrics' port of its place."""
    first, place = settings.metrics.port, settings.worker.agents.index(name)
    metrics = settings.metrics.model_copy(update={"port": first + place if first else 0})
    return with_agents(settings, name).model_copy(update={"metrics": metrics})


def _alone(settings: Settings) -> Never:
    use_uvloop()
    sys.exit(asyncio.run(_guarded(_work(settings))))


async def _watch_over(settings: Settings, pids: Pids) -> int:
    from streams.kafka.broker_health import log_outages  # noqa: PLC0415

    watching = asyncio.create_task(log_outages(settings.kafka))
    code = await together(pids, _stop_on_signals())
    watching.cancel()
    return code


async def _guarded(work: Coroutine[Any, Any, T]) -> T:
    # A shutdown that hangs must not hide a crash, so nothing is closed after one.
    try:
        return await work
    except Exception as error:  # noqa: BLE001 - unknown failures end the process too
        _crash(error)


async def _whole(settings: Settings) -> int:
    from streams.kafka.broker_health import log_outages  # noqa: PLC0415

    await _verify(settings)
    watching = asyncio.create_task(log_outages(settings.kafka))
    code = await _work(settings)
    watching.cancel()
    return code


async def _verify(settings: Settings) -> None:
    from agents.kafka_topics import required_topics  # noqa: PLC0415 - their failures are logged as one line
    from streams.kafka.topics import verify_topics  # noqa: PLC0415

    await verify_topics(settings.kafka, required_topics(settings.kafka, settings.score.window))


async def _work(settings: Settings) -> int:
    from agents.pipeline import build_stages  # noqa: PLC0415
    from streams.faust.worker import run_stages as work  # noqa: PLC0415

    stop = _stop_on_signals()
    names = settings.worker.agents
    before = await starting(settings)
    classifier = await asyncio.to_thread(_classifier, settings)
    chosen = build_stages(
        names,
        cluster=settings.kafka,
        classifier=classifier,
        rule=settings.detect,
        dedupe=settings.score,
        companies=await asyncio.to_thread(_companies, settings),
        max_bytes=settings.ingest.max_bytes,
        version=version("newsquake"),
    )
    collect_garbage_rarely()
    use_short_switch_interval()
    _log.info("worker ready", agents=list(names))
    following = asyncio.create_task(follow(settings, before, stop)) if before else None
    observe = _exporter(settings, classifier.model_id)
    await work(chosen, settings.kafka, settings.worker, stop, observe)
    _log.info("worker stopped", agents=list(names))
    return _code(following)


def _exporter(settings: Settings, model: str) -> "MetricsHook":
    from streams.core.metrics_hook import ignore_samples  # noqa: PLC0415

    if not settings.metrics.port:
        return ignore_samples
    from infra.exporter import Exporter  # noqa: PLC0415

    exporter = Exporter()
    exporter.running(settings.worker.agents, version("newsquake"), model)
    exporter.serve(settings.metrics)
    return exporter


def _code(following: "asyncio.Task[None] | None") -> int:
    if following is None or following.cancel():
        return 0
    following.result()
    return AGAIN


def _classifier(settings: Settings) -> "Classifier":
    from nlp.load import load  # noqa: PLC0415
    from nlp.null import NullClassifier  # noqa: PLC0415

    return load(settings.nlp) if settings.worker.needs_model else NullClassifier()


def _companies(settings: Settings) -> "CompanyFinder | None":
    from nlp.companies.finder import CompanyFinder  # noqa: PLC0415

    return CompanyFinder.load(settings.companies) if settings.worker.needs_model else None


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
