"""Consumer lag of each agent: records in its source that its group has not committed."""

from collections.abc import Mapping
from typing import Self

from aiokafka.errors import KafkaError

from agents.pipeline import AGENTS, USUAL
from streams.core.record import TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.connection import new_admin
from streams.positions.group_offsets import group_offsets

SOURCES = {name: AGENTS[name].source.topic for name in USUAL}
"""Agent to the topic that it reads."""

Heads = Mapping[TopicPartition, int]
"""The offset after the last record of each partition."""


def behind(topic: str, heads: Heads, committed: Heads) -> int:
    """Count the records of ``topic`` between the committed offsets and the heads.

    Heads are not the broker's end offsets: those count the markers that end transactions, so that
    a group that has read everything would still look behind.
    """
    return sum(
        max(0, head - committed.get(partition, 0))
        for partition, head in heads.items()
        if partition.topic == topic
    )


class Lag:
    """Asks the broker for committed offsets. Use it as an asynchronous context manager."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._admin = new_admin(cluster)

    async def measure(self, heads: Heads) -> dict[str, int] | None:
        """Return the lag by agent, or None if the broker does not answer."""
        lags: dict[str, int] = {}
        for agent, topic in SOURCES.items():
            group = f"{self._cluster.prefix}newsquake-{agent}"
            try:
                offsets = await group_offsets(self._admin, group)
            except KafkaError:
                return None
            committed = {
                TopicPartition(*partition): entry.offset for partition, entry in offsets.items()
            }
            lags[agent] = behind(self._cluster.topic(topic), heads, committed)
        return lags

    async def __aenter__(self) -> Self:
        await self._admin.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._admin.close()
