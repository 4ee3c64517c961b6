"""``newsquake topics create`` and ``list``."""

import asyncio

import typer

from agents.kafka_topics import required_topics
from cli.command_setup import quiet
from infra.settings.model import Settings
from streams.kafka.topics import create_topics, list_topics


def create_all(settings: Settings) -> None:
    """Make the missing topics and print a line for each topic.

    Raises:
        Misconfigured: unreachable, refused, or a topic has another number of partitions.
    """
    quiet()
    wanted = required_topics(settings.kafka, settings.score.window)
    made = set(asyncio.run(create_topics(settings.kafka, wanted)))
    for topic in wanted:
        typer.echo(f"{'created' if topic.name in made else 'exists '} {topic.name}")


def list_all(settings: Settings) -> None:
    """Print name, partitions and records of the topics that exist.

    Raises:
        Misconfigured: the cluster can't be reached.
    """
    quiet()
    wanted = required_topics(settings.kafka, settings.score.window)
    found = asyncio.run(list_topics(settings.kafka, wanted))
    width = max((len(it.name) for it in found), default=0)
    for it in found:
        typer.echo(f"{it.name:<{width}}  partitions {it.partitions}  records {it.records}")
    if not found:
        typer.echo("no topics yet: create them with `newsquake topics create`", err=True)
