"""Check, before a worker starts, that the topics have the partitions that its memory lies in."""

from collections.abc import Iterable, Sequence

from streams.core.errors import Misconfigured
from streams.core.stage import AnyStage
from streams.growth.layout import Layout
from streams.growth.layout_guard import report_changed
from streams.growth.layout_store import read_layout
from streams.kafka.cluster import Cluster
from streams.kafka.topics import Topic, partition_counts


def topics_read(stages: Iterable[AnyStage]) -> set[str]:
    """Return the topics whose number of partitions the ``stages`` rely on."""
    topics = (
        topic for stage in stages for topic in (stage.source, stage.changelog, stage.positions)
    )
    return {topic for topic in topics if topic}


async def verify_layout(cluster: Cluster, positions: str, topics: Sequence[Topic]) -> Layout | None:
    """Return the layout of ``topics``, None if none was ever written.

    Raises:
        Misconfigured: A topic is missing, the topics are being grown, a backup is being imported,
            or a topic that is read has other partitions than the layout says.
    """
    actual = await partition_counts(cluster, topics)
    layout = await read_layout(cluster, positions)
    if layout is None:
        return None
    if layout.obstacle:
        raise Misconfigured(layout.obstacle)
    changed = layout.differences(actual)
    if any(topic.is_read and topic.name in changed for topic in topics):
        raise Misconfigured(layout.explain(actual))
    report_changed(layout, changed)
    return layout
