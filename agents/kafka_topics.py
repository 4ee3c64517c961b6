"""The topics that the pipeline needs, and their configuration."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from agents.cluster_layout import ClusterLayout
from schemas.channels import ALERTS, CHANNELS, DEAD, RAW, STATE_POSITIONS, STATE_SCORE
from streams.core.dead_letter import MAX_DEAD_LETTER_BYTES
from streams.kafka.topics import Topic

NEWS: Final = timedelta(days=7)
"""Retention of topics that agents read soon after they are written."""
RECORDS: Final = timedelta(days=90)
"""Retention of topics that people come back to: alerts, and dead letters."""

_MIB: Final = 1 << 20
_MAX_MESSAGE_BYTES: Final = 2 * _MIB
_MAX_FOREIGN_MESSAGE_BYTES: Final = {RAW.topic: 4 * _MIB, DEAD.topic: MAX_DEAD_LETTER_BYTES}
"""Raw records larger than we accept must still come in, to be set aside; a dead letter is the raw
record with more headers, or its first bytes."""
_SIGNAL_PARTITIONS: Final = "NEWSQUAKE_KAFKA__SIGNAL_PARTITIONS"

_COMPACTION: Final = {
    # The cleaner leaves the active segment alone, so it must be closed now and then.
    "segment.ms": "3600000",
    "segment.bytes": str(64 * _MIB),
    "min.cleanable.dirty.ratio": "0.2",
    "delete.retention.ms": "3600000",
}

_POSITIONS_COMPACTION: Final = {
    # Each transaction writes a position, and each start reads all of them: small segments keep
    # what is read near a MiB.
    "segment.bytes": str(_MIB),
    "delete.retention.ms": "60000",
}


def agent_topics(cluster: ClusterLayout, window: timedelta, agents: Collection[str]) -> list[Topic]:
    """Return the topics that ``agents`` read or write: a worker may not see the others."""
    read, written = set[str](), set[str]()
    for channel in CHANNELS:
        if not set(agents).isdisjoint(channel.readers):
            read.add(cluster.topic(channel.topic))
        if not set(agents).isdisjoint(channel.writers):
            written.add(cluster.topic(channel.topic))
    return [
        topic._replace(is_read=topic.name in read)
        for topic in required_topics(cluster, window)
        if topic.name in read | written
    ]


def required_topics(cluster: ClusterLayout, window: timedelta) -> list[Topic]:
    """Return all topics by their full names; ``window`` is that of deduplication.

    Retention is counted from record timestamps: in `news.raw` those of producers, elsewhere the
    time of writing. A producer that sets old timestamps may have its raw records deleted as old.
    """
    retention = {ALERTS.topic: RECORDS, DEAD.topic: RECORDS, STATE_SCORE.topic: window}
    topics = []
    for channel in CHANNELS:
        max_bytes = _MAX_FOREIGN_MESSAGE_BYTES.get(channel.topic, _MAX_MESSAGE_BYTES)
        config = {
            "cleanup.policy": ",".join(channel.cleanup),
            "max.message.bytes": str(max_bytes),
            # One broker may be away; with two copies, waiting for both would stop the pipeline.
            "min.insync.replicas": str(max(1, cluster.replication - 1)),
        }
        if "delete" in channel.cleanup:
            duration = retention.get(channel.topic, NEWS)
            config["retention.ms"] = str(duration // timedelta(milliseconds=1))
        if "compact" in channel.cleanup:
            config |= _COMPACTION
        if channel is STATE_POSITIONS:
            config |= _POSITIONS_COMPACTION
        name, is_written = cluster.topic(channel.topic), bool(channel.writers)
        topic = Topic(name, config, cluster.count(channel), is_written=is_written)
        if channel.per_market:
            topic = topic._replace(setting=_SIGNAL_PARTITIONS)
        topics.append(topic)
    return topics
