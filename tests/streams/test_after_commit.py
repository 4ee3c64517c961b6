"""Effects outside Kafka happen once their transaction is committed, and never before."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

import pytest

from streams.core.backpressure import InFlightBudget
from streams.core.errors import Fenced
from streams.core.fuse import Fuse
from streams.core.handler import Batch, Change, Decision, Handler
from streams.core.lease import Leases
from streams.core.pump import Pump
from streams.core.record import Message, TopicPartition
from streams.core.stage import Stage
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog
from tests.failing import FencedLog


class Telling(Handler[None]):
    """Tells of each batch, and notes what the log had then."""

    def __init__(self, log: MemoryLog) -> None:
        self.told: list[tuple[int, int]] = []
        self._log = log

    def recall(self, partition: int, entries: Iterable[Change]) -> None:
        """Remember nothing."""

    async def handle(self, batches: Sequence[Batch[None]]) -> Sequence[Decision]:
        """Copy the records."""
        return [
            Decision(
                messages=[Message("out", record.key, record.value) for record in batch.records],
                after_commit=partial(self._tell, len(batch.records)),
            )
            for batch in batches
        ]

    def _tell(self, records: int) -> None:
        self.told.append((records, len(self._log.read("out"))))


def stage(handler: Telling) -> Stage[None]:
    """Return a stage of the handler."""
    return Stage("tell", "tell", "in", handler, "dead")


async def test_an_effect_follows_its_commit() -> None:
    """People would be told of what the next process knows nothing about."""
    log = MemoryLog(partitions=1)
    log.append([Message("in", b"%d" % n, b"") for n in range(7)])
    handler = Telling(log)
    await drain(log, stage(handler), chunk=2)
    told = 0
    for records, written in handler.told:
        told += records
        assert written >= told
    assert told == 7


async def test_there_is_no_effect_without_a_commit() -> None:
    """A worker that lost its partition would tell what another tells too, for ever."""
    log = FencedLog(partitions=1)
    log.append([Message("in", b"1", b"")])
    handler = Telling(log)
    with pytest.raises(Fenced):
        await drain(log, stage(handler))
    assert handler.told == []


async def test_a_tick_without_changes_has_its_effect_too() -> None:
    """After a restart, what was to be sent would never be sent, and hold up all that follows."""
    log = MemoryLog(partitions=1)
    handler = Telling(log)
    errors: list[BaseException] = []
    ticking = replace(stage(handler), tick_seconds=0.0)
    leases = Leases(log, ticking, errors.append)
    pump = Pump(ticking, leases, InFlightBudget(1_000), Fuse(share=1.0, window=1))
    await leases.hold([TopicPartition("in", 0)])
    await leases.held[TopicPartition("in", 0)].memory()
    await pump.tick()
    await leases.flush()
    await leases.hold([])
    assert handler.told == [(0, 0)]
    assert errors == []
