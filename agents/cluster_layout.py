"""The partitions of the pipeline's topics on a cluster."""

from typing import Final

from pydantic import Field

from schemas.channels import CHANNELS, STATE_POSITIONS, Channel
from streams.kafka.cluster import Cluster

DOMAIN: Final = frozenset(channel.topic for channel in CHANNELS if channel.per_market)
"""Topics of which each partition is one market, judged by itself."""


class ClusterLayout(Cluster):
    """A cluster, and the number of detectors that share the news on it."""

    signal_partitions: int = Field(
        default=1,
        ge=1,
        le=10_000,
        description="Of news.signals and state.detect. Each partition is a market of its own: its "
        "subjects are compared with each other, and not with those of other partitions.",
    )

    def count(self, channel: Channel) -> int:
        """Return the number of partitions of the channel's topic."""
        if channel.single:
            return 1
        if channel is STATE_POSITIONS:
            return max(self.partitions, self.signal_partitions)
        return self.signal_partitions if channel.per_market else self.partitions
