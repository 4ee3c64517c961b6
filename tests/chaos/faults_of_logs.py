"""Faults of what the broker keeps: logs that lose their end or their beginning, and offsets."""

import asyncio
import time

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.protocol.admin import DeleteGroupsRequest

from schemas.channels import RAW
from streams.kafka.connection import committed_reader
from tests.chaos.account import Raw
from tests.chaos.faults_of_clusters import SOURCES
from tests.chaos.run import PARTITIONS, Run
from tests.streams.power_cut import lose_end

_CUT_OFFSETS = 150
_INGEST_GROUP = "newsquake-ingest"
LOST_LINE = "records lost to retention before they were read"


async def cut_log(run: Run, turn: int) -> None:
    """Cut off the end of ``news.raw``, which was processed, and write on where it ended."""
    partition = turn % PARTITIONS
    await asyncio.sleep(3.0)
    await run.feed.pause()
    await run.quiet()
    raw = await run.remember_raw()
    end = max(one.offset for one in raw if one.partition == partition) + 1
    cut = (run.site.kafka, run.site.data, f"{RAW.topic}-{partition}", end - _CUT_OFFSETS)
    await asyncio.to_thread(lose_end, *cut)
    run.feed.resume()
    await run.all_served(time.monotonic())


async def forget_offsets(run: Run, _turn: int) -> None:
    """Have the broker forget the groups while the workers are away, as it does after a week."""
    await run.workers.stop_all()
    admin = AIOKafkaAdminClient(bootstrap_servers=run.layout.bootstrap)
    await admin.start()
    for agent in SOURCES:
        group = f"newsquake-{agent}"
        node = await admin.find_coordinator(group)
        response = await admin._send_request_to_node(node, DeleteGroupsRequest([group]))
        assert response.results == [(group, 0)]
    await admin.close()
    run.workers.start_all()
    await run.all_served(time.monotonic())


async def pass_retention(run: Run, turn: int) -> None:
    """Delete records of ``news.raw`` that nobody read, while the workers are away."""
    partition = turn % PARTITIONS
    source = KafkaPartition(RAW.topic, partition)
    await run.workers.stop_all()
    async with committed_reader(run.layout, _INGEST_GROUP) as reader:
        reader.assign([source])
        position = await reader.committed(source) or 0
    await asyncio.sleep(3.0)
    await run.feed.pause()
    raw = await run.remember_raw()
    end = max(one.offset for one in raw if one.partition == partition) + 1
    start = (position + end) // 2
    admin = AIOKafkaAdminClient(bootstrap_servers=run.layout.bootstrap)
    await admin.start()
    await admin.delete_records({source: RecordsToDelete(before_offset=start)})
    await admin.close()
    unread = {one for one in raw if one.partition == partition and position <= one.offset < start}
    _forget(run, raw, unread)
    run.feed.resume()
    run.workers.start_all()
    await run.all_served(time.monotonic())
    lines = [event for event in run.workers.events if LOST_LINE in event["event"]]
    last = lines[-1] if lines else {}
    assert (last.get("from"), last.get("to")) == (position, start), (last, position, start)
    run.notes.append(f"a worker said: {LOST_LINE}, with the exact range of offsets")


def _forget(run: Run, raw: set[Raw], unread: set[Raw]) -> None:
    """Expect nothing of records that are gone without a copy."""
    run.unread |= unread
    copies = {one.key for one in raw - run.unread}
    for one in unread:
        if one.key not in copies:
            run.feed.forget(one.key)
