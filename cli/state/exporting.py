"""``newsquake state export``."""

import asyncio
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from agents.backup import plan_backup
from agents.kafka_topics import required_topics
from agents.present_layout import existing_layout, present_layout
from cli.command_setup import quiet
from cli.state.lines import Content, TimedProgress, print_content
from cli.state.stopped import check_stopped
from infra.settings.model import Settings
from streams.backup.backup_lines import Heading
from streams.backup.backup_plan import BackupPlan, Pipeline
from streams.backup.export import Exported, export
from streams.core.errors import Misconfigured
from streams.growth.layout import Layout
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, partition_counts
from streams.monitoring.diagnosis import errors_explained


def run(settings: Settings, file: Path, *, as_json: bool) -> None:
    """Write the backup ``file``, and print what is in it.

    Raises:
        Misconfigured: There is no broker or no topic, or a worker runs.
        OSError: The file exists, or can't be written.
    """
    quiet()
    heading, exported = asyncio.run(_export(settings, file))
    summary = f"wrote {file}; check a copy of it with `newsquake state verify`"
    content = Content(file, heading, exported.sections, exported.end)
    print_content(content, summary, as_json=as_json)


async def _export(settings: Settings, file: Path) -> tuple[Heading, Exported]:
    cluster, plan = settings.kafka, plan_backup(settings.kafka)
    names = [*plan.memories, *plan.sources, plan.positions]
    topics = [plan.topic(name) for name in names]
    async with TimedProgress("exporting").ticking() as say, errors_explained(cluster, topics):
        await check_stopped(cluster, plan, "then export again")
        layout = await layout_of(settings, plan, names)
        partitions = {name: layout.assigned[plan.topic(name)] for name in names}
        created = datetime.now(UTC).isoformat(timespec="seconds")
        heading = Heading(version("newsquake"), created, cluster.prefix, partitions)
        pipeline = Pipeline(KafkaLog(cluster), plan, layout)
        return heading, await export(pipeline, heading, file, say)


async def layout_of(settings: Settings, plan: BackupPlan, names: list[str]) -> Layout:
    """Return the layout of the cluster with the partitions that there are.

    Raises:
        Misconfigured: A topic is missing, or has other partitions than the layout says.
    """
    cluster = settings.kafka
    counts = await partition_counts(cluster, [Topic(plan.topic(name), {}) for name in names])
    topics = required_topics(cluster, settings.score.window)
    layout = await existing_layout(cluster, topics) or present_layout(cluster, counts)
    if layout.differences(counts):
        raise Misconfigured(layout.explain(counts))
    return layout._replace(counts={**layout.counts, **counts})
