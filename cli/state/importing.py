"""``newsquake state import``."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import typer

from agents.backup import plan_backup
from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from agents.present_layout import find_layout, verify
from cli.command_setup import quiet
from cli.state.lines import Content, TimedProgress, print_content
from cli.state.stopped import check_stopped
from infra.settings.model import Settings
from streams.backup.backup_plan import Pipeline
from streams.backup.backup_reader import read_heading
from streams.backup.check import CheckedBackup, Waiting, check_backup
from streams.backup.restore import restore
from streams.core.errors import Misconfigured
from streams.growth.layout import Layout
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topic_command import alter_command
from streams.kafka.topic_comparison import compare_topics
from streams.kafka.topics import Topic, list_topics, partition_counts
from streams.monitoring.diagnosis import errors_explained

_MARGIN_MS: Final = 3_600_000
"""The time that workers have to read what is imported, before retention takes it."""


def run(settings: Settings, file: Path, from_prefix: str | None, *, as_json: bool) -> None:
    """Import the backup ``file``, and print what was in it.

    Raises:
        BadBackup: The file is damaged, truncated, foreign, or of a newer release.
        Misconfigured: There is no broker or no topic, a worker runs, or the topics do not fit.
        Fenced: Another import began meanwhile.
    """
    quiet()
    plan = plan_backup(settings.kafka, settings.detect)
    check_prefix(file, settings.kafka, from_prefix)
    with TimedProgress("checking") as say:
        backup = check_backup(file, plan, say)
    is_new = asyncio.run(_import(settings, backup))
    summary = "imported: start the workers" if is_new else "was imported before: nothing to do"
    content = Content(file, backup.heading, backup.sections, backup.end)
    print_content(content, summary, as_json=as_json)


def check_prefix(file: Path, cluster: ClusterLayout, from_prefix: str | None) -> None:
    """Check that the backup is of the prefix of the settings, or that its own was named.

    Raises:
        Misconfigured: It is of another.
    """
    prefix = read_heading(file).prefix
    expected = cluster.prefix if from_prefix is None else from_prefix
    if prefix != expected:
        raise Misconfigured(
            f"{file} is of the topics with prefix {prefix!r}, not {expected!r}: set "
            f"NEWSQUAKE_KAFKA__PREFIX to it, or add --from-prefix {prefix!r} to import it into "
            f"those with prefix {cluster.prefix!r}"
        )


async def _import(settings: Settings, backup: CheckedBackup) -> bool:
    cluster, plan = settings.kafka, plan_backup(settings.kafka, settings.detect)
    topics = [plan.topic(name) for name in plan.sources]
    progress = TimedProgress("importing", backup.end.records)
    async with progress.ticking() as say, errors_explained(cluster, topics):
        await check_stopped(cluster, plan, "then import again")
        layout = await layout_of(settings)
        sources = [Topic(plan.topic(name), {}) for name in plan.sources]
        await check_retention(cluster, backup, sources)
        foreign = [topic for topic in sources if plan.short(topic.name) not in plan.written]
        if not layout.importing:
            for name, _, offsets in await list_topics(cluster, foreign):
                if offsets:
                    typer.echo(
                        f"newsquake: {name} has records already: agents read them first, and drop "
                        "copies of what the backup remembers",
                        err=True,
                    )
        pipeline = Pipeline(KafkaLog(cluster), plan, layout)
        return await restore(pipeline, backup, say)


async def layout_of(settings: Settings) -> Layout:
    """Return the layout of the cluster, which must have all topics.

    Raises:
        Misconfigured: A topic is missing, or they are being grown, or grew by other means.
    """
    topics = [
        topic._replace(is_read=True)
        for topic in required_topics(settings.kafka, settings.score.window)
    ]
    await partition_counts(settings.kafka, topics)
    layout = await find_layout(settings.kafka)
    if layout is None or not layout.importing:
        layout = await verify(settings.kafka, topics)
    if layout is None:
        raise Misconfigured("the cluster has no layout record: run `newsquake topics create`")
    return layout


async def check_retention(
    cluster: ClusterLayout, backup: CheckedBackup, sources: list[Topic]
) -> None:
    """Check that retention leaves agents the time to read what waits.

    Raises:
        Misconfigured: A topic would lose some of it at once.
    """
    configs = (await compare_topics(cluster, sources)).settings
    for waiting in backup.waiting.values():
        name = cluster.topic(waiting.section.topic)
        settings = configs.get(name, {})
        limit = int(settings.get("retention.ms", "-1"))
        max_bytes = int(settings.get("retention.bytes", "-1"))
        expiry = expiry_problem(cluster, waiting, limit, time.time_ns() // 1_000_000)
        if problem := expiry or overflow_problem(cluster, waiting, max_bytes):
            raise Misconfigured(problem)


def expiry_problem(cluster: ClusterLayout, waiting: Waiting, limit: int, now: int) -> str | None:
    """Return what is wrong with importing records that a topic keeps for ``limit`` milliseconds.

    Records keep their times, by which agents judge. A negative limit is none; ``now`` is in
    milliseconds since the epoch. None if nothing is wrong.
    """
    if waiting.oldest is None or not 0 <= limit < now - waiting.oldest + _MARGIN_MS:
        return None
    name = cluster.topic(waiting.section.topic)
    oldest = datetime.fromtimestamp(waiting.oldest / 1_000, UTC)
    return (
        f"{waiting.section} has a record of {oldest:%Y-%m-%d %H:%M} UTC in the backup, which "
        f"retention.ms of {name} would delete unread: run "
        f"`{alter_command(cluster, name, {'retention.ms': '-1'})}`, import, and set it back to "
        f"{limit} once the agents have read it"
    )


def overflow_problem(cluster: ClusterLayout, waiting: Waiting, max_bytes: int) -> str | None:
    """Return what is wrong with importing records into partitions of ``max_bytes``.

    A negative bound is none. The records count as they are without compression, since a broker may
    write them so. None if nothing is wrong.
    """
    if not 0 <= max_bytes < waiting.size:
        return None
    name = cluster.topic(waiting.section.topic)
    return (
        f"{waiting.section} has up to {waiting.size} bytes in the backup, of which retention.bytes "
        f"of {name} would delete the first unread: run "
        f"`{alter_command(cluster, name, {'retention.bytes': '-1'})}`, import, and set it back to "
        f"{max_bytes} once the agents have read it"
    )
