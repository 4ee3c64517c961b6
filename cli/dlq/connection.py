"""The topics that the commands about dead letters work on, and the letters that options choose."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

from agents.dead_letters.letters import Address
from agents.dead_letters.replay import REPLAY_GROUP, DeadTopics
from agents.dead_letters.selection import Selection, SourceOf, article_source
from agents.kafka_topics import NEWS, required_topics
from agents.pipeline import AGENTS
from agents.present_layout import existing_layout
from cli.command_setup import quiet
from cli.dlq.arguments import Filters, milliseconds_of, now_seconds
from infra.input.profile_folder import profiles_of
from infra.settings.model import Settings
from infra.usage_error import UsageError
from schemas.channels import DEAD, RAW, STATE_POSITIONS, STATE_REPLAYS
from schemas.incoming.reading import Door
from streams.growth.layout_guard import LayoutGuard
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, partition_counts
from streams.monitoring.diagnosis import errors_explained


class Workplace(NamedTuple):
    """A cluster with dead letters.

    Attributes:
        log: The log.
        topics: Where dead letters lie.
        targets: The full name of the topic that each agent reads.
    """

    log: KafkaLog
    topics: DeadTopics
    targets: Mapping[str, str]


@asynccontextmanager
async def open_workplace(settings: Settings, *, writes: bool) -> AsyncIterator[Workplace]:
    """Open the topics for the length of a block. Only who ``writes`` needs those of the agents.

    Raises:
        Misconfigured: There is no broker, or no topic, or the topics are being grown.
    """
    quiet()
    cluster = settings.kafka
    dead, replayed = cluster.topic(DEAD.topic), cluster.topic(STATE_REPLAYS.topic)
    targets = {name: cluster.topic(agent.source.topic) for name, agent in AGENTS.items()}
    positions = cluster.topic(STATE_POSITIONS.topic)
    names = [dead, replayed, *((*targets.values(), positions) if writes else ())]
    async with errors_explained(cluster, names):
        counts = await partition_counts(cluster, [Topic(name, {}) for name in names])
        layout = None
        if writes:
            layout = await existing_layout(cluster, required_topics(cluster, NEWS))
        guard = LayoutGuard(cluster, positions, layout) if layout else None
        topics = DeadTopics(dead, counts[dead], replayed, cluster.topic(REPLAY_GROUP))
        yield Workplace(KafkaLog(cluster, guard=guard), topics, targets)


def selection_of(filters: Filters) -> Selection:
    """Return what the options choose.

    Raises:
        UsageError: A time or an address can't be read.
    """
    addresses = set[Address]()
    for text in filters.ids or ():
        address = Address.parse(text)
        if address is None:
            raise UsageError(f"--id {text!r} is no letter: write PARTITION@OFFSET, such as 3@41")
        addresses.add(address)
    now = now_seconds()
    return Selection(
        reasons=frozenset(filters.reasons or ()),
        agents=frozenset(filters.agents or ()),
        sources=frozenset(filters.sources or ()),
        keys=frozenset(filters.keys or ()),
        addresses=frozenset(addresses),
        since=milliseconds_of("--since", filters.since, now) if filters.since else None,
        until=milliseconds_of("--until", filters.until, now) if filters.until else None,
    )


def source_of(settings: Settings) -> SourceOf:
    """Return the function that tells a letter's source as ``ingest`` reads it."""
    door = Door(profiles_of(settings), settings.kafka.topic(RAW.topic))
    return partial(article_source, door=door)
