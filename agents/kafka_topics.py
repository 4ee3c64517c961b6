"""The topics that the pipeline needs, and how long each keeps what it is told."""

from datetime import timedelta
from typing import Final

from agents.cluster_layout import DOMAIN, ClusterLayout
from schemas.channels import (
    ALERTS,
    CHANNELS,
    DEAD,
    RAW,
    STATE_POSITIONS,
    STATE_SCORE,
    Channel,
)
from streams.kafka.topics import Topic

NEWS: Final = timedelta(days=7)
RECORDS: Final = timedelta(days=90)
"""For what people come back to: alerts, and dead letters that wait to be replayed."""

_MIB: Final = 1 << 20
_LARGEST: Final = {RAW.topic: 4 * _MIB, DEAD.topic: 5 * _MIB}
"""Raw records larger than we accept must still come in, to be set aside; a dead letter is the raw
record with more headers."""
_LARGEST_OF_OURS: Final = 2 * _MIB
_SIGNAL_PARTITIONS: Final = "NEWSQUAKE_KAFKA__SIGNAL_PARTITIONS"

_COMPACTION: Final = {
    # The cleaner leaves the active segment alone, so it must be closed now and then.
    "segment.ms": "3600000",
    "segment.bytes": str(64 * _MIB),
    "min.cleanable.dirty.ratio": "0.2",
    "delete.retention.ms": "3600000",
}
_POSITIONS_COMPACTION: Final = {
    # Each transaction writes a position, and each start reads them all: small segments keep what
    # is read near a MiB.
    "segment.bytes": str(_MIB),
    "delete.retention.ms": "60000",
}


def required_topics(cluster: ClusterLayout, window: timedelta) -> list[Topic]:
    """All topics by their full names; ``window`` is that of deduplication.

    Retention is counted from record timestamps: when a producer sent a record, not when the news
    was published. A producer that sets old timestamps has its records deleted as old.
    """
    return [_topic(cluster, channel, window) for channel in CHANNELS]


def _topic(cluster: ClusterLayout, channel: Channel, window: timedelta) -> Topic:
    topic = Topic(
        cluster.topic(channel.topic),
        _config(channel, window, cluster.replication),
        cluster.count(channel),
    )
    return topic._replace(setting=_SIGNAL_PARTITIONS) if channel.topic in DOMAIN else topic


def _config(channel: Channel, window: timedelta, replication: int) -> dict[str, str]:
    config = {
        "cleanup.policy": ",".join(channel.cleanup),
        "max.message.bytes": str(_LARGEST.get(channel.topic, _LARGEST_OF_OURS)),
        # One broker may be away; with two copies, waiting for both would stop the pipeline.
        "min.insync.replicas": str(max(1, replication - 1)),
    }
    if "delete" in channel.cleanup:
        config["retention.ms"] = str(_kept(channel, window) // timedelta(milliseconds=1))
    if "compact" in channel.cleanup:
        config |= _COMPACTION
    if channel is STATE_POSITIONS:
        config |= _POSITIONS_COMPACTION
    return config


def _kept(channel: Channel, window: timedelta) -> timedelta:
    special = {ALERTS.topic: RECORDS, DEAD.topic: RECORDS, STATE_SCORE.topic: window}
    return special.get(channel.topic, NEWS)
