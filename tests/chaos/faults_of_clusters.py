"""Faults of a cluster: leaders and coordinators that die, full disks, connections, clocks."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import ProducerFenced

from schemas.channels import ACCEPTED, RAW, SIGNALS
from streams.core.record import TopicPartition
from streams.kafka.kafka_session import transactional_id
from tests.chaos.run import PARTITIONS, Run

SOURCES = {"ingest": RAW.topic, "score": ACCEPTED.topic, "detect": SIGNALS.topic}
SAID_SECONDS = 15.0
_HOUR = 3600
_ISR_SECONDS = 60.0


async def kill_leader(run: Run, turn: int) -> None:
    """Kill the leader of a partition of a topic, of another one each time."""
    topic = tuple(SOURCES.values())[turn % len(SOURCES)]
    async with _admin(run) as admin:
        (described,) = await admin.describe_topics([topic])
    leaders = {one["partition"]: one["leader"] for one in described["partitions"]}
    await _lose_broker(run, leaders[0])


async def kill_coordinator(run: Run, turn: int) -> None:
    """Kill the coordinator of the transactions of an agent, of another one each time."""
    agent, topic = list(SOURCES.items())[turn % len(SOURCES)]
    name = transactional_id(f"newsquake-{agent}", TopicPartition(topic, 0))
    async with _admin(run) as admin:
        broker = await admin.find_coordinator(name, 1)
    await _lose_broker(run, broker)


async def restart_brokers(run: Run, _turn: int) -> None:
    """Restart all brokers in turn, in an orderly way, each once the one before is in sync."""
    for broker in range(run.site.brokers):
        run.site.kafka._brokers[broker].terminate()
        await asyncio.to_thread(run.site.kafka._brokers[broker].join)
        await _bring_back(run, broker)
    await run.all_served(time.monotonic())


async def fill_disk(run: Run, _turn: int) -> None:
    """Let the broker run out of room, then make room and start it again if it ended."""
    disk, kafka = run.site.disk, run.site.kafka
    assert disk
    run.notes.append(f"disk: {disk.method}")
    lines = len(run.workers.events)
    (pid,) = kafka.pids
    assert pid
    await asyncio.to_thread(disk.fill, pid)
    for _ in range(300):
        if kafka.pids[0] is None:
            break
        await asyncio.sleep(0.1)
    await _said(run, lines, "no Kafka at", "no progress", "kafka does not answer")
    await asyncio.sleep(2.0)
    disk.free()
    if kafka.pids[0] is None:
        run.notes.append("the broker ended by itself, and was started again with room")
        await asyncio.to_thread(kafka.restart)
    await run.all_served(time.monotonic())


async def disturb_connections(run: Run, _turn: int) -> None:
    """Cut all connections, slow them down, and hold everything back for a while."""
    proxy = run.site.proxy
    assert proxy
    for _ in range(3):
        proxy.cut()
        await asyncio.sleep(1.0)
    await run.all_served(time.monotonic())
    proxy.delay = 0.1
    await asyncio.sleep(8.0)
    proxy.delay = 0.0
    await run.all_served(time.monotonic())
    proxy.freeze()
    await asyncio.sleep(9.0)
    proxy.thaw()
    await run.all_served(time.monotonic())


async def jump_clock(run: Run, _turn: int) -> None:
    """Set the workers' clock half an hour ahead, two hours back, and two hours ahead."""
    run.notes.append(f"clock: {run.clock.method}")
    for seconds in (_HOUR // 2, -2 * _HOUR):
        run.clock.set(seconds)
        await asyncio.sleep(4.0)
        await run.all_served(time.monotonic())
    lines = len(run.workers.events)
    run.clock.set(2 * _HOUR)
    await _said(run, lines, "by this machine's clock it is")
    run.clock.set(0)
    await run.all_served(time.monotonic())


async def take_identity(run: Run, _turn: int) -> None:
    """Let another program take the identities of all leases, and leave aborted records behind."""

    async def impersonate(agent: str, source: TopicPartition) -> None:
        name = transactional_id(f"newsquake-{agent}", source)
        producer = AIOKafkaProducer(bootstrap_servers=run.layout.bootstrap, transactional_id=name)
        await producer.start()
        with suppress(ProducerFenced):  # the worker, which was started again, takes it back
            await producer.begin_transaction()
            await producer.send_and_wait(ACCEPTED.topic, b"{}", b"impostor")
            await asyncio.sleep(1.0)
            await producer.abort_transaction()
        with suppress(ProducerFenced):
            await producer.stop()

    sources = [
        (agent, TopicPartition(topic, partition))
        for agent, topic in SOURCES.items()
        for partition in range(1 if topic == SIGNALS.topic else PARTITIONS)
    ]
    await asyncio.gather(*(impersonate(agent, source) for agent, source in sources))
    await run.all_served(time.monotonic())


async def _lose_broker(run: Run, broker: int) -> None:
    """Kill a broker, wait until the others serve all, and start it again."""
    killed = time.monotonic()
    await asyncio.to_thread(run.site.kafka.kill, broker)
    run.recoveries.append(0.3 + await run.all_served(killed + 0.3))
    await _bring_back(run, broker)


async def _bring_back(run: Run, broker: int) -> None:
    await asyncio.to_thread(run.site.kafka.restart, broker)
    deadline = time.monotonic() + _ISR_SECONDS
    async with _admin(run) as admin:
        while time.monotonic() < deadline:
            described = await admin.describe_topics()
            replicas = (one for topic in described for one in topic["partitions"])
            if all(len(one["isr"]) == len(one["replicas"]) for one in replicas):
                return
            await asyncio.sleep(0.2)
    raise AssertionError(f"broker {broker} did not come back into sync")


async def _said(run: Run, lines: int, *words: str) -> None:
    """Wait until a worker says one of ``words`` after so many lines, and note the line."""
    began = time.monotonic()
    while time.monotonic() < began + SAID_SECONDS:
        for event in run.workers.events[lines:]:
            if line := _line(event, words):
                run.notes.append(f"a worker said: {line}")
                return
        await asyncio.sleep(0.2)
    raise AssertionError(f"no worker said any of {words} within {SAID_SECONDS:.0f} s")


def _line(event: dict[str, Any], words: Iterable[str]) -> str:
    text = f"{event['event']}: {event.get('problem', '')}"
    return text if any(word in text for word in words) else ""


@asynccontextmanager
async def _admin(run: Run) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=run.layout.bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()
