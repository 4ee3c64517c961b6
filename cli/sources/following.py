"""``newsquake source``: feeds and a folder, followed until SIGTERM."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import typer

from agents.sending.raw_record import Sender
from infra.feeds.feed import Feed
from infra.feeds.feed_health import FeedHealth
from infra.feeds.fetching import Fetcher, FetchFailed, Limits, shown
from infra.feeds.folder import Folder
from infra.feeds.outlet import Outlet, open_outlets
from infra.feeds.report import Report
from infra.input.options import InputOptions
from infra.input.profile_folder import profiles_of
from infra.logging import configure_logging
from infra.privacy.redaction import redaction_of
from infra.settings.model import Settings
from infra.telemetry.tracing import tracing_of
from infra.usage_error import UsageError
from infra.worker_port import serve
from schemas.channels import RAW, STATE_SOURCES
from schemas.incoming.urls import host_of
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, partition_counts
from streams.monitoring.broker_health import kafka_answers, log_outages
from streams.monitoring.diagnosis import errors_explained


class Feeds(NamedTuple):
    """The arguments of ``newsquake source rss``."""

    addresses: Sequence[str]
    interval: float
    profile: str
    once: bool
    limits: Limits
    source: str = ""


class FolderJob(NamedTuple):
    """The arguments of ``newsquake source directory``."""

    folder: Path
    interval: float
    name: str
    profile: str
    once: bool
    options: InputOptions


def follow_feeds(settings: Settings, job: Feeds) -> None:
    """Follow feeds until SIGTERM or SIGINT; with `once`, fetch each once.

    Raises:
        UsageError: An address or the profile can't be used.
        Misconfigured: There is no broker, or no topic.
        Fenced: Another process follows one of the feeds since.
        typer.Exit: With `once`, a feed failed.
    """
    for address in job.addresses:
        if not address.startswith(("http://", "https://")):
            raise UsageError(f"{address!r} is no address of a feed: it begins with https:// or so")
    asyncio.run(_follow_feeds(settings, job))


def follow_folder(settings: Settings, job: FolderJob) -> None:
    """Follow a folder until SIGTERM or SIGINT; with `once`, send what is in it.

    Raises:
        UsageError: The folder is none.
        Misconfigured: There is no broker, or no topic.
        Fenced: Another process follows the folder since.
        typer.Exit: With `once`, a file failed.
    """
    if not job.folder.is_dir():
        raise UsageError(f"{job.folder} is no folder")
    asyncio.run(_follow_folder(settings, job))


async def _follow_feeds(settings: Settings, job: Feeds) -> None:
    report = _started(settings)
    names = {address: shown(address) for address in dict.fromkeys(job.addresses)}
    fetcher = Fetcher(f"newsquake/{version('newsquake')} (news feed reader)", job.limits)
    sender = _sender(settings, job.profile)
    async with _outlets(settings, names) as outlets:
        feeds = [
            Feed(
                address,
                outlet,
                fetcher,
                report,
                sender._replace(source=host_of(address).removeprefix("www.") or outlet.name),
                job.interval,
                job.source,
            )
            for address, outlet in outlets.items()
        ]
        if job.once:
            await asyncio.gather(*(poll_once(feed, report, names) for feed in feeds))
        else:
            await _until_signal(settings, [feed.follow() for feed in feeds])
    await fetcher.close()
    _end(report, once=job.once)


async def poll_once(feed: Feed, report: Report, names: Mapping[str, str]) -> None:
    """Fetch a feed once, and tell its failure."""
    try:
        await feed.poll()
    except FetchFailed as failure:
        report.failed(names[feed.address], failure.kind, str(failure), failure.retry_after)


async def _follow_folder(settings: Settings, job: FolderJob) -> None:
    report = _started(settings)
    sender = _sender(settings, job.profile)._replace(source=f"directory:{job.name}")
    async with _outlets(settings, {f"directory:{job.name}": job.name}) as outlets:
        (outlet,) = outlets.values()
        folder = Folder(job.folder, outlet, report, job.options, sender)
        if job.once:
            await folder.look()
            await asyncio.sleep(job.interval)
            await folder.look()
        else:
            await _until_signal(settings, [folder.follow(job.interval)])
    _end(report, once=job.once)


def _started(settings: Settings) -> Report:
    configure_logging(settings.log, redact=redaction_of(settings))
    for name in ("httpx", "httpcore"):  # their lines have addresses with their secrets
        logging.getLogger(name).setLevel(logging.WARNING)
    report = Report()
    if settings.metrics.port:
        loop = asyncio.get_running_loop()
        health = FeedHealth(report.agents, loop, lambda: kafka_answers(settings.kafka), report)
        serve(settings.metrics, report.exporter.registry, health)
    return report


def _sender(settings: Settings, profile: str) -> Sender:
    topic = settings.kafka.topic(RAW.topic)
    profiles = profiles_of(settings)
    if profile and profile not in profiles.by_name:
        names = ", ".join(sorted(profiles.by_name))
        raise UsageError(f"--profile: there is none called {profile!r}; the names are {names}")
    max_ahead = settings.detect.max_ahead
    return Sender(profile=profile, profiles=profiles, topic=topic, max_ahead=max_ahead)


@asynccontextmanager
async def _outlets(
    settings: Settings, names: Mapping[str, str]
) -> AsyncIterator[dict[str, Outlet]]:
    cluster = settings.kafka
    topics = [cluster.topic(channel.topic) for channel in (RAW, STATE_SOURCES)]
    await partition_counts(cluster, [Topic(topic, {}) for topic in topics])
    with tracing_of(settings) as tracing:
        async with errors_explained(cluster, topics):
            outlets = await open_outlets(KafkaLog(cluster), cluster, names, tracing)
            try:
                yield outlets
            finally:
                await asyncio.gather(*(outlet.close() for outlet in outlets.values()))


async def _until_signal(settings: Settings, work: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Run ``work`` until all of it ends, one of it fails, or a signal comes."""
    watching = asyncio.create_task(log_outages(settings.kafka))
    running = asyncio.gather(*work)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    with suppress(asyncio.CancelledError):
        await running
    watching.cancel()


def _end(report: Report, *, once: bool) -> None:
    typer.echo(f"sent {report.sent} articles")
    if once and report.total_failures:
        raise typer.Exit(1)
