"""``newsquake topics create`` and ``newsquake topics list``."""

import asyncio

import typer

from agents.kafka_topics import required_topics
from cli.command_setup import quiet
from infra.settings.model import Settings
from streams.kafka.topic_comparison import compare_settings
from streams.kafka.topics import create_topics, list_topics


def create_all(settings: Settings) -> None:
    """Create the missing topics and print a line for each topic.

    Raises:
        Misconfigured: The cluster can't be reached or refuses, or a topic has another number of
            partitions, or a setting with which records would be lost or refused for ever.
    """
    quiet()
    topics = required_topics(settings.kafka, settings.score.window)
    created = set(asyncio.run(create_topics(settings.kafka, topics)))
    for topic in topics:
        typer.echo(f"{'created' if topic.name in created else 'exists '} {topic.name}")
    for name, problem, remedy in asyncio.run(compare_settings(settings.kafka, topics)):
        typer.echo(f"newsquake: topic {name}: {problem}; {remedy}", err=True)


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
