"""The guard of a running worker: no record is written by a layout that no longer holds."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import structlog
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from streams.core.errors import Misconfigured
from streams.growth.layout import Layout
from streams.growth.layout_store import read_layout
from streams.kafka.cluster import Cluster
from streams.kafka.connection import close_within, new_admin
from streams.monitoring.diagnosis import describe

_log = structlog.get_logger(__name__)
_CHECK_SECONDS: Final = 2.0
_CLOSE_SECONDS: Final = 0.5


class LayoutGuard:
    """Compares the cluster with the layout that a worker began with.

    Attributes:
        layout: The layout when the worker began.
    """

    def __init__(self, cluster: Cluster, positions: str, layout: Layout) -> None:
        self._cluster = cluster
        self._positions = positions
        self.layout = layout

    async def check(self) -> None:
        """Check that the layout is still the one that the worker began with.

        Call it when a partition has been fenced: whoever grows topics says so first, and fences
        all partitions then. So a worker that looks later sees it, and one that looked before is
        fenced.

        Raises:
            Misconfigured: The topics are being grown, or have been, or a backup is being imported.
        """
        layout = await read_layout(self._cluster, self._positions)
        if layout is None or self.layout.agrees_with(layout):
            return
        if layout.obstacle:
            raise Misconfigured(layout.obstacle)
        raise Misconfigured(
            f"the topics were grown since this worker began, and have {layout.partitions} "
            "partitions: start it again"
        )

    async def watch(self, read: Collection[str]) -> None:
        """Look at the number of partitions of all topics, for ever; log what changed.

        Raises:
            Misconfigured: One of the topics ``read`` changed. In others the new partitions stay
                empty, since records go by the layout.
        """
        before: Mapping[str, int] = {}
        admin = new_admin(self._cluster)
        try:
            while True:
                await asyncio.sleep(_CHECK_SECONDS)
                changed = self.layout.differences(await self._counts(admin))
                # A broker that has just started may not know the last partitions yet.
                sure = {
                    topic: count
                    for topic, count in changed.items()
                    if count > self.layout.counts[topic] or before.get(topic) == count
                }
                if not sure.keys().isdisjoint(read):
                    await self.check()
                    raise Misconfigured(self.layout.explain(sure))
                report_changed(self.layout, dict(sure.items() - before.items()))
                before = changed
        finally:
            await close_within(admin.close(), _CLOSE_SECONDS)

    async def _counts(self, admin: AIOKafkaAdminClient) -> dict[str, int]:
        """Return the partitions of the topics; none while Kafka does not answer."""
        try:
            if not admin._started:  # noqa: SLF001 - Kafka may be away at first, too
                await admin.start()
            return counts_of(await describe(admin, self.layout.counts))
        except (KafkaError, OSError):
            return {}


def counts_of(described: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the number of partitions of each topic that was described."""
    return {topic["topic"]: len(topic["partitions"]) for topic in described if topic["partitions"]}


def report_changed(layout: Layout, changed: Mapping[str, int]) -> None:
    """Log topics whose number of partitions is not the layout's, though work can go on."""
    for topic, count in changed.items():
        _log.error(
            "a topic has other partitions than agents know of; those stay empty",
            topic=topic,
            partitions=count,
            expected=layout.counts[topic],
            problem=layout.explain({topic: count}),
        )
