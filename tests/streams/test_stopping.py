"""SIGTERM to a worker whose handler does not end its batch."""

import asyncio
from collections.abc import Sequence

import pytest
import structlog

from streams.core.handler import Batch, Decision
from streams.faust import stopping
from tests.streams.conftest import Counting, Memory
from tests.streams.test_pause import holding, sent


class Stuck(Counting):
    """A handler that never decides."""

    async def handle(self, batches: Sequence[Batch[Memory]]) -> list[Decision]:
        await asyncio.Event().wait()
        return await super().handle(batches)


async def test_a_batch_that_takes_too_long_is_named_as_the_cause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An operator would look for a fault of Kafka while the model hangs."""
    monkeypatch.setattr(stopping, "_HANDLER_SECONDS", 0.1)
    async with holding(sent(b"a"), Stuck()) as held:
        handling = asyncio.create_task(held.pump.process([held.chunk("a", 0, 1)]))
        leaving = asyncio.ensure_future(held.pump.stop())
        with structlog.testing.capture_logs() as lines:
            assert not await stopping.wait_for_kafka(leaving, [held.pump], 0.1)
        handling.cancel()
        leaving.cancel()
    (line,) = lines
    assert "in the middle of a batch" in line["event"]
    assert line["agents"] == [held.pump.stage.name]
