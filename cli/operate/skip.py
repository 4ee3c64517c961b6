"""``newsquake topics skip``."""

import asyncio
from importlib.metadata import version
from typing import NamedTuple

import typer

from agents.pipeline import AGENTS, build_stages
from cli.command_setup import quiet
from infra.privacy.letter_masks import with_masks
from infra.settings.model import Settings
from infra.usage_error import UsageError
from nlp.null import NullClassifier
from streams.core.record import TopicPartition
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.skip import carry_out, plan_skip
from streams.kafka.topics import Topic, partition_counts
from streams.monitoring.diagnosis import errors_explained


class Order(NamedTuple):
    """The place to go past, and why."""

    topic: str
    partition: int
    offset: int
    reason: str


def run(settings: Settings, order: Order, *, is_confirmed: bool) -> None:
    """Print what is skipped; skip it only if that is confirmed.

    Raises:
        UsageError: No agent reads the topic, or it has no such partition.
        Misconfigured: The agent does not stand at the offset, or there is nothing.
    """
    quiet()
    asyncio.run(_skip(settings, order, is_confirmed=is_confirmed))


async def _skip(settings: Settings, order: Order, *, is_confirmed: bool) -> None:
    cluster, topics = settings.kafka, {}
    for name, agent in AGENTS.items():
        topics[agent.source.topic] = topics[cluster.topic(agent.source.topic)] = name
    if order.topic not in topics:
        raise UsageError(f"no agent reads {order.topic!r}: name any of {', '.join(topics)}")
    names = [topics[order.topic]]
    stages = build_stages(
        names, cluster=cluster, classifier=NullClassifier(), version=version("newsquake")
    )
    (stage,) = with_masks(stages, settings)
    log, source = KafkaLog(cluster), TopicPartition(stage.source, order.partition)
    count = (await partition_counts(cluster, [Topic(stage.source, {})]))[stage.source]
    if order.partition >= count:
        raise UsageError(
            f"{stage.source} has no partition {order.partition}: its partitions are 0 to "
            f"{count - 1}; the worker's line names the right one"
        )
    async with errors_explained(cluster, [stage.source]):
        skip = await plan_skip(cluster, log, stage, source, order.offset)
        if is_confirmed:
            await carry_out(log, stage, skip, order.reason)
            typer.echo(f"skipped {skip.summary}; {stage.name} goes on at offset {skip.end}")
        else:
            typer.echo(f"would skip {skip.summary}; add --yes to do so")
