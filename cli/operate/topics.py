"""``newsquake topics create`` and ``newsquake topics list``."""

import asyncio

import typer

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from agents.present_layout import existing_layout, remember, resolved
from cli.command_setup import quiet
from infra.settings.model import Settings
from streams.core.errors import Misconfigured
from streams.growth.layout import grow_command
from streams.kafka.topic_comparison import compare_settings
from streams.kafka.topics import Topic, create_topics, list_topics
from streams.monitoring.diagnosis import errors_explained


def create_all(settings: Settings) -> None:
    """Create the missing topics and print a line for each topic.

    Raises:
        Misconfigured: The cluster can't be reached or refuses, or a topic has another number of
            partitions, or a setting with which records would be lost or refused for ever.
    """
    quiet()
    topics, created = asyncio.run(_create_explained(settings))
    for topic in topics:
        typer.echo(f"{'created' if topic.name in created else 'exists '} {topic.name}")
    for name, problem, remedy in asyncio.run(compare_settings(settings.kafka, topics)):
        typer.echo(f"newsquake: topic {name}: {problem}; {remedy}", err=True)


async def _create_explained(settings: Settings) -> tuple[list[Topic], list[str]]:
    async with errors_explained(settings.kafka):
        return await _create(settings)


async def _create(settings: Settings) -> tuple[list[Topic], list[str]]:
    """Create the missing topics, and return all topics and the names of the new ones."""
    cluster = settings.kafka
    topics = required_topics(cluster, settings.score.window)
    if layout := await existing_layout(cluster, topics):
        refuse_other_layout(cluster, resolved(cluster, layout))
        counts = layout.counts
        topics = [
            topic._replace(partitions=counts.get(topic.name, topic.partitions)) for topic in topics
        ]
    created = await create_topics(cluster, topics)
    if created or layout is None:
        await remember(cluster, topics)
    return topics, created


def refuse_other_layout(wanted: ClusterLayout, present: ClusterLayout) -> None:
    """Check that the topics have the partitions that the settings ask for.

    Raises:
        Misconfigured: They have not, and creating topics does not change it.
    """
    if wanted.partitions != present.partitions:
        largest = max(wanted.partitions, present.partitions)
        raise Misconfigured(
            f"the topics have {present.partitions} partitions, not {wanted.partitions}: set "
            f"NEWSQUAKE_KAFKA__PARTITIONS to {present.partitions}; or grow them, with their "
            f"memory, by `{grow_command(largest)}`"
        )
    if wanted.signal_partitions != present.signal_partitions:
        raise Misconfigured(
            f"the news is {present.signal_partitions} market(s), not {wanted.signal_partitions}, "
            "and markets can't be divided: set NEWSQUAKE_KAFKA__SIGNAL_PARTITIONS to "
            f"{present.signal_partitions}, or another NEWSQUAKE_KAFKA__PREFIX to start afresh"
        )


def list_all(settings: Settings) -> None:
    """Print the name, partitions and used offsets of each topic that exists.

    Raises:
        Misconfigured: The cluster can't be reached.
    """
    quiet()
    wanted = required_topics(settings.kafka, settings.score.window)
    topics = asyncio.run(list_topics(settings.kafka, wanted))
    width = max((len(topic.name) for topic in topics), default=0)
    for topic in topics:
        typer.echo(f"{topic.name:<{width}}  partitions {topic.partitions}  offsets {topic.offsets}")
    if not topics:
        typer.echo("no topics yet: create them with `newsquake topics create`", err=True)
