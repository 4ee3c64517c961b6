"""The partitions that the pipeline's topics have on a cluster, whatever the settings say.

`kafka.partitions` and `kafka.signal_partitions` are what ``newsquake topics create`` makes. From
then on the layout record counts (`streams.growth.layout`).
"""

from collections.abc import Mapping, Sequence
from typing import Final

import structlog
from aiokafka.errors import KafkaError

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from agents.pipeline import AGENTS
from schemas.channels import CHANNELS, RAW, STATE_POSITIONS
from streams.core.errors import Misconfigured
from streams.growth.layout import Layout
from streams.growth.layout_store import read_layout, remember_layout
from streams.growth.start import verify_layout
from streams.kafka.topics import Topic, existing_counts, partition_counts, verify_topics

_log = structlog.get_logger(__name__)
KEYED: Final = tuple(
    dict.fromkeys(
        channel
        for agent in AGENTS.values()
        if agent.state and not (agent.state.per_market or agent.is_edge)
        for channel in (agent.source, agent.state)
    )
)
"""Topics whose records lie in the partition of their key, next to the memory of that key."""
MARKETS: Final = tuple(channel for channel in CHANNELS if channel.per_market)


def present_layout(cluster: ClusterLayout, actual: Mapping[str, int]) -> Layout:
    """Return the layout of topics that have ``actual`` partitions, as the settings say."""
    used = {
        topic: cluster.signal_partitions
        for channel in MARKETS
        if actual[topic := cluster.topic(channel.topic)] != cluster.signal_partitions
    }
    keyed = tuple(cluster.topic(channel.topic) for channel in KEYED)
    return Layout(cluster.partitions, dict(actual), keyed, used)


def resolved(cluster: ClusterLayout, layout: Layout) -> ClusterLayout:
    """Return ``cluster`` with the partitions that the layout has."""
    markets = min(layout.assigned[cluster.topic(channel.topic)] for channel in MARKETS)
    return cluster.model_copy(
        update={"partitions": layout.partitions, "signal_partitions": markets}
    )


def lineages(cluster: ClusterLayout, layout: Layout | None) -> int | None:
    """Return the number of pairs of partitions that a signal may come through."""
    if layout is None:
        return None
    return layout.counts[cluster.topic(RAW.topic)] * layout.partitions


async def find_layout(cluster: ClusterLayout) -> Layout | None:
    """Return the layout record of the cluster, None if none was ever written."""
    return await read_layout(cluster, cluster.topic(STATE_POSITIONS.topic))


async def existing_layout(cluster: ClusterLayout, topics: Sequence[Topic]) -> Layout | None:
    """Return the layout record of a cluster on which ``topics`` may be missing.

    Raises:
        Misconfigured: The topics are being grown, or a backup is being imported.
    """
    if cluster.topic(STATE_POSITIONS.topic) not in await existing_counts(cluster, topics):
        return None
    layout = await find_layout(cluster)
    if layout and layout.obstacle:
        raise Misconfigured(layout.obstacle)
    return layout


async def verify(cluster: ClusterLayout, topics: Sequence[Topic]) -> Layout | None:
    """Return the layout of the cluster; check the partitions of ``topics``.

    Those that are read must be as they were. A cluster without a layout record must be as the
    settings say, and gets one. None if it can't be written.

    Raises:
        Misconfigured: A topic is missing or has other partitions, or topics are being grown or
            a backup is being imported.
    """
    positions = cluster.topic(STATE_POSITIONS.topic)
    if layout := await verify_layout(cluster, positions, topics):
        return layout
    await verify_topics(cluster, topics)
    everything = required_topics(cluster, NEWS)
    try:
        if len(await existing_counts(cluster, everything)) == len(everything):
            return await remember(cluster, everything)
    except KafkaError as error:  # an agent need not have the right to
        remedy = "run `newsquake topics create`"
        _log.warning("the layout is not remembered", problem=repr(error), remedy=remedy)
    return None


async def remember(cluster: ClusterLayout, topics: Sequence[Topic]) -> Layout:
    """Write the layout record of ``topics``, or add those that are new; return it.

    Raises:
        Misconfigured: The topics are being grown, or a backup is being imported.
    """
    actual = await partition_counts(cluster, topics)
    positions = cluster.topic(STATE_POSITIONS.topic)
    return await remember_layout(cluster, positions, present_layout(cluster, actual))
