"""Connections that break while requests are sent, in the event loop that workers run in."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest

from streams.kafka.cluster import Cluster
from streams.kafka.connection import new_client
from streams.monitoring.guarded_connections import GuardedConnections
from tests.streams.proxy import Proxy, broker_behind

pytestmark = pytest.mark.kafka
_TURNS, _IDLE_SECONDS = 12, 1.0


def test_a_request_over_a_connection_that_just_broke_is_told(jar_cache: Path) -> None:
    """A worker would wait for ever for metadata, in silence, after a broker went away."""

    async def break_all(proxy: Proxy) -> None:
        proxy.cut(reset=True)
        time.sleep(0.2)  # noqa: ASYNC251 - a busy loop does not see it at once

    async def answers() -> list[Any]:
        with broker_behind(jar_cache, Proxy) as (address, proxy):
            client = new_client(Cluster(bootstrap=address))
            await client.bootstrap()
            node = client.get_random_node()
            await client.ready(node)
            proxy.forget()
            requests = [asyncio.create_task(client.send(node, MetadataRequest([])))]
            await asyncio.sleep(0.2)
            breaking = asyncio.create_task(break_all(proxy))  # a request follows in the same turn
            for _ in range(_TURNS):
                requests.append(asyncio.create_task(client.send(node, MetadataRequest([]))))
                await asyncio.sleep(0)
            await breaking
            async with asyncio.timeout(15):
                told = await asyncio.gather(*requests, return_exceptions=True)
                while not await client.force_metadata_update():
                    pass
            await client.close()
            return told

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        told = runner.run(answers())
    failures = [answer for answer in told if isinstance(answer, BaseException)]
    assert failures
    assert all(isinstance(failure, KafkaError) for failure in failures), failures


async def test_an_idle_connection_is_silent_only_since_it_was_asked(jar_cache: Path) -> None:
    """A quiet stage would be said to stand still with its first article, and be cut off."""
    with broker_behind(jar_cache, Proxy) as (address, proxy):
        client = AIOKafkaClient(bootstrap_servers=address)
        connections = GuardedConnections(client)
        await client.bootstrap()
        node = client.get_random_node()
        await client.ready(node)
        proxy.freeze()
        await asyncio.sleep(_IDLE_SECONDS)
        asked_at = time.monotonic()
        request = asyncio.create_task(client.send(node, MetadataRequest([])))
        await asyncio.sleep(0.2)
        (waits,) = connections.unanswered()
        proxy.thaw()
        await request
        await client.close()
    assert waits.since >= asked_at
    assert waits.node == node
