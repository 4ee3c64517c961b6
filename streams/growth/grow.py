"""Grow topics, with the memory that lies in their partitions.

The order of the steps keeps a worker that was not told from writing by the old layout:

1. The layout record says that the topics are being grown. No worker starts from then on.
2. All leases are fenced, twice. A worker that takes a partition between the two looks at the layout
   record, and may not see it yet behind an open transaction; after the first time there are none.
3. Partitions are added.
4. Unread records and memory move to the partitions of their keys (`streams.growth.move`).
5. The layout record says that the topics have grown.

The command may be killed at any moment, and begins anew when it is run again.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from streams.core.errors import Stalled
from streams.core.record import TopicPartition
from streams.core.stage import AnyStage
from streams.growth.layout import Layout
from streams.growth.layout_guard import counts_of
from streams.growth.layout_store import layout_writer, read_layout, write_layout
from streams.growth.move import Mover, Progress
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import admin_client
from streams.monitoring.diagnosis import describe, errors_explained

_FENCED_AT_ONCE: Final = 16
_CHECKS: Final = 300
_CHECK_SECONDS: Final = 0.1

Say = Callable[[str], None]
"""Prints a line of progress."""


class Rewrite(NamedTuple):
    """An entry of a changelog that depends on the numbers of partitions.

    Attributes:
        topic: The changelog.
        key: The key of the entry, in each partition.
        change: Returns the new value, given the last one.
    """

    topic: str
    key: bytes
    change: Callable[[bytes], bytes]


class Growth(NamedTuple):
    """The work of one growth.

    Attributes:
        layout: The layout to reach.
        positions: The topic of positions, in which the layout record lies.
        leases: The group and the source topic of all stages, and of a command that writes keyed
            records too: their sessions are fenced.
        moved: Those whose unread records move.
        memories: The topics whose last records by key move.
        rewrites: Entries that change.
    """

    layout: Layout
    positions: str
    leases: Sequence[tuple[str, str]]
    moved: Sequence[AnyStage]
    memories: Sequence[str]
    rewrites: Sequence[Rewrite]


async def grow(
    cluster: Cluster,
    growth: Growth,
    actual: Mapping[str, int],
    say: Say,
    progress: Progress = lambda *_: None,
) -> None:
    """Bring the topics, which have ``actual`` partitions, and all memory to the layout.

    ``say`` gets a line for each step, and ``progress`` how far a long one is.

    Raises:
        Misconfigured: Kafka refused, or went away; run it again.
        Fenced: Another command changes the topics too.
    """
    layout = growth.layout
    async with errors_explained(cluster, layout.counts), layout_writer(cluster) as producer:
        before = await read_layout(cluster, growth.positions)
        growing = (before or layout)._replace(growing_to=layout.partitions)
        await write_layout(producer, growth.positions, growing)
        say("workers are told: they end, and start again when the topics have grown")
        await _fence(cluster, growth.leases, actual)
        await _wait_until_seen(cluster, growth.positions, growing)
        await _fence(cluster, growth.leases, actual)
        say("workers are fenced")
        await _add_partitions(cluster, layout, actual, say)
        await _learn_partitions(producer, layout.counts)

        mover = Mover(KafkaLog(cluster), producer, layout, progress)
        for stage in growth.moved:
            count = await mover.move_unread(stage)
            say(f"{stage.source}: {count} unread records moved to the partitions of their keys")
        for topic in growth.memories:
            count = await mover.move_memory(topic)
            say(f"{topic}: {count} entries moved to the partitions of their keys")
        for topic, key, change in growth.rewrites:
            await mover.rewrite(topic, key, change)
        await write_layout(producer, growth.positions, layout)


async def _fence(
    cluster: Cluster, leases: Sequence[tuple[str, str]], actual: Mapping[str, int]
) -> None:
    """Open and close the session of each partition: no earlier holder can commit (KIP-98)."""
    log, slots = KafkaLog(cluster), asyncio.Semaphore(_FENCED_AT_ONCE)

    async def fence(group: str, source: TopicPartition) -> None:
        async with slots:
            await (await log.open(group, source)).close()

    await asyncio.gather(
        *(
            fence(group, TopicPartition(source, partition))
            for group, source in leases
            for partition in range(actual[source])
        )
    )


async def _wait_until_seen(cluster: Cluster, positions: str, layout: Layout) -> None:
    """Wait until readers of committed records see ``layout``.

    Raises:
        Stalled: A transaction of others stays open before it.
    """
    for _ in range(_CHECKS):
        if await read_layout(cluster, positions) == layout:
            return
        await asyncio.sleep(_CHECK_SECONDS)
    raise Stalled(f"a transaction stays open in {positions}-0: wait a minute, then run this again")


async def _add_partitions(
    cluster: Cluster, layout: Layout, actual: Mapping[str, int], say: Say
) -> None:
    """Add the partitions that are missing, and wait until the brokers know them."""
    async with admin_client(cluster) as admin:
        for topic, count in layout.counts.items():
            if actual[topic] < count:
                await admin.create_partitions({topic: NewPartitions(count)})
                say(f"{topic}: {actual[topic]} -> {count} partitions")
        for _ in range(_CHECKS):
            if await _are_led(admin, layout.counts):
                return
            await asyncio.sleep(_CHECK_SECONDS)
    raise Stalled("new partitions have no leader: look at the brokers, then run this again")


async def _learn_partitions(producer: AIOKafkaProducer, counts: Mapping[str, int]) -> None:
    """Have a producer, which may know the topics as they were, ask until it knows the new ones."""
    known = producer.client.cluster.partitions_for_topic
    for _ in range(_CHECKS):
        if all(len(known(topic) or range(count)) >= count for topic, count in counts.items()):
            return
        await producer.client.force_metadata_update()
        await asyncio.sleep(_CHECK_SECONDS)
    raise Stalled("a broker does not know the new partitions: run this again")


async def _are_led(admin: AIOKafkaAdminClient, counts: Mapping[str, int]) -> bool:
    """Return whether all partitions have a leader."""
    described = await describe(admin, counts)
    leaders = [partition["leader"] for topic in described for partition in topic["partitions"]]
    return counts_of(described) == dict(counts) and min(leaders) >= 0
