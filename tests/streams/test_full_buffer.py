"""Partitions whose fetched records wait, and that are read again once these are taken over."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from faust.types import TP

from streams.core.settings import StreamSettings
from streams.core.stage import Stage
from streams.faust.app import create_app
from streams.faust.leasing_consumer import LeasingConsumer
from streams.faust.transport import Transport
from streams.kafka.cluster import Cluster
from tests.streams.conftest import Counting

SOON_SECONDS = 0.5
"""Half the time for which Faust looks away."""


async def nothing(*_: object) -> None:
    """Take what Faust's consumer tells."""


class Counted(LeasingConsumer):
    """Counts the fetches, and fetches nothing."""

    fetches = 0

    async def _getmany(self, *_: object, **__: object) -> Mapping[TP, list[Any]]:
        self.fetches += 1
        return {}


@pytest.mark.parametrize("full_seconds", [0.05, 1.2])
async def test_partitions_are_read_again_as_soon_as_there_is_room(full_seconds: float) -> None:
    """Under load all news would stand still for a second, again and again."""
    stage = Stage("count", "group", "in", Counting(), "dead")
    app = create_app(stage, Cluster(), StreamSettings())
    consumer = Counted(Transport(app.conf.broker_consumer, app), nothing, nothing, nothing)
    partitions = {TP("in", number) for number in range(4)}
    consumer._set_active_tps(partitions)
    for partition in partitions:
        consumer.on_buffer_full(partition)
    fetching = asyncio.create_task(consumer._wait_next_records(0.1))
    await asyncio.sleep(full_seconds)
    assert consumer.fetches == 0
    consumer.on_buffer_drop(TP("in", 2))
    async with asyncio.timeout(SOON_SECONDS):
        await fetching
    assert consumer.fetches == 1
