"""How the pipeline's topics are laid out on a cluster."""

from typing import Final

from pydantic import Field

from schemas.channels import SIGNALS, STATE_DETECT, STATE_POSITIONS, Channel
from streams.kafka.cluster import Cluster

DOMAIN: Final = frozenset({SIGNALS.topic, STATE_DETECT.topic})
"""Topics that only the detector reads: one partition is one market, judged by itself."""


class ClusterLayout(Cluster):
    """A cluster, and how many detectors share the news on it."""

    signal_partitions: int = Field(
        default=1,
        ge=1,
        le=10_000,
        description="Of news.signals and state.detect. Each partition is a market of its own: its "
        "subjects are compared with each other, and not with those of other partitions.",
    )

    def count(self, channel: Channel) -> int:
        """Return the number of partitions of the channel's topic."""
        if channel is STATE_POSITIONS:
            return max(self.partitions, self.signal_partitions)
        return self.signal_partitions if channel.topic in DOMAIN else self.partitions
