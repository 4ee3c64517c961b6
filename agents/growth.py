"""The growth of the pipeline's topics: what must grow together, and what moves.

docs/decisions/0009-growing-moves-the-memory.md has the reasons.
"""

from collections.abc import Mapping
from typing import Final

from agents.cluster_layout import ClusterLayout
from agents.dead_letters.replay import REPLAY_GROUP
from agents.detecting.detector_changelog import BUFFER_KEY, await_all_lineages
from agents.pipeline import AGENTS, build_stages
from agents.present_layout import KEYED, MARKETS, present_layout, resolved
from nlp.null import NullClassifier
from schemas.channels import (
    CHANNELS,
    FEEDBACK,
    STATE_DETECT,
    STATE_POSITIONS,
    STATE_REPLAYS,
    Channel,
)
from streams.core.errors import Misconfigured
from streams.growth.grow import Growth, Rewrite
from streams.growth.layout import EXPLAIN_IMPORT, Layout

SINGLE: Final = tuple(channel for channel in CHANNELS if channel.single)
"""Topics that never grow."""


def plan_growth(
    cluster: ClusterLayout, partitions: int, actual: Mapping[str, int], layout: Layout | None
) -> Growth:
    """Return the work that brings topics with ``actual`` partitions to ``partitions``.

    Raises:
        Misconfigured: A topic that must have exactly so many has more, or a backup is being
            imported.
    """
    if layout and layout.importing:
        raise Misconfigured(EXPLAIN_IMPORT)
    smallest = max(actual[cluster.topic(channel.topic)] for channel in KEYED)
    if partitions < smallest:
        raise Misconfigured(
            f"Kafka can't take partitions away, and there are {smallest} already: "
            f"--partitions must be at least {smallest}"
        )
    markets = actual[cluster.topic(STATE_DETECT.topic)]
    if layout is None and markets != cluster.signal_partitions:
        raise Misconfigured(
            f"state.detect has {markets} partitions, not {cluster.signal_partitions}: set "
            "NEWSQUAKE_KAFKA__SIGNAL_PARTITIONS to what it had when its memory was written"
        )
    present = resolved(cluster, layout) if layout else cluster
    grown = present.model_copy(update={"partitions": partitions})
    counts = _grown_counts(grown, actual)
    stages = build_stages(AGENTS, cluster=grown, classifier=NullClassifier())
    moved = [stage for stage in stages if stage.changelog and stage.source in _names(grown, KEYED)]
    state = grown.topic(STATE_DETECT.topic)
    return Growth(
        layout=present_layout(grown, counts),
        positions=grown.topic(STATE_POSITIONS.topic),
        leases=[
            *((stage.group, stage.source) for stage in stages),
            (grown.topic(REPLAY_GROUP), grown.topic(STATE_REPLAYS.topic)),
        ],
        moved=moved,
        memories=[
            *(stage.changelog for stage in moved if stage.changelog),
            grown.topic(FEEDBACK.topic),
            *(
                grown.topic(agent.state.topic)
                for agent in AGENTS.values()
                if agent.is_edge and agent.state
            ),
        ],
        rewrites=[Rewrite(state, BUFFER_KEY, await_all_lineages)],
    )


def _grown_counts(cluster: ClusterLayout, actual: Mapping[str, int]) -> dict[str, int]:
    """Return the number of partitions of each topic once ``cluster`` has grown."""
    markets = max(cluster.signal_partitions, *(actual[topic] for topic in _names(cluster, MARKETS)))
    counts = {
        cluster.topic(channel.topic): markets
        if channel.per_market
        else max(cluster.partitions, actual[cluster.topic(channel.topic)])
        for channel in CHANNELS
    }
    sources = [counts[cluster.topic(agent.source.topic)] for agent in AGENTS.values()]
    positions = cluster.topic(STATE_POSITIONS.topic)
    counts[positions] = max(actual[positions], *sources)
    counts |= {topic: actual[topic] for topic in _names(cluster, SINGLE)}
    return counts


def _names(cluster: ClusterLayout, channels: tuple[Channel, ...]) -> list[str]:
    return [cluster.topic(channel.topic) for channel in channels]
