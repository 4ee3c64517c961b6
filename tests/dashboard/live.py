"""A dashboard on a broker, and records that are written to it as the agents write them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
from aiokafka import AIOKafkaProducer

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from dashboard.run import serve
from infra.kafka.port import free_ports
from infra.settings.dashboard import Dashboard
from infra.settings.model import Settings
from nlp.settings import ModelSettings
from streams.core.record import Stored
from streams.kafka.connection import client_options
from streams.kafka.topics import create_topics


async def write(cluster: ClusterLayout, records: Sequence[Stored], *, commit: bool = True) -> None:
    """Write records in one transaction, which is aborted unless ``commit``."""
    producer = AIOKafkaProducer(
        **client_options(cluster), transactional_id=f"{cluster.prefix}test-{commit}"
    )
    await producer.start()
    try:
        await producer.begin_transaction()
        for record in records:
            # Producers' own times stay; on other topics it is the time of writing.
            await producer.send(
                cluster.topic(record.topic),
                record.value,
                record.key,
                headers=list(record.headers),
                timestamp_ms=record.timestamp if record.topic == "news.raw" else None,
            )
        await (producer.commit_transaction() if commit else producer.abort_transaction())
    finally:
        await producer.stop()


@asynccontextmanager
async def running(
    cluster: ClusterLayout, state: str = "live", workers: Sequence[str] = ()
) -> AsyncIterator[httpx.AsyncClient]:
    """Run a dashboard for the block, and give a client of it; ``workers`` are ports of workers."""
    (port,) = free_ports(1)
    dashboard = Dashboard(port=port, history=timedelta(hours=1), workers=tuple(workers))
    stop = asyncio.Event()
    settings = Settings(kafka=cluster, dashboard=dashboard, nlp=ModelSettings(model="lexicon"))
    task = asyncio.create_task(serve(settings, stop))
    try:
        base = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=base, timeout=60) as client:
            async with asyncio.timeout(60):
                while True:
                    assert not task.done(), task.exception()
                    try:
                        if (await client.get("/api/live")).json()["state"] in state.split():
                            break
                    except httpx.ConnectError:
                        pass
                    await asyncio.sleep(0.1)
            yield client
    finally:
        stop.set()
        await task


async def new_cluster(kafka: str, prefix: str) -> ClusterLayout:
    """Return a cluster with the topics of one test."""
    cluster = ClusterLayout(bootstrap=kafka, prefix=prefix, partitions=2)
    await create_topics(cluster, required_topics(cluster, NEWS))
    return cluster
