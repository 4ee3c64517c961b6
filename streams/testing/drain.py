"""A stage run over the log in memory until its input is used up: the pump without a broker."""

from typing import Any

from streams.core.backpressure import InFlightBudget
from streams.core.fuse import Fuse
from streams.core.lease import Lease, Leases
from streams.core.pump import Chunk, Pump
from streams.core.record import TopicPartition
from streams.core.stage import Stage
from streams.testing.memory_log import MemoryLog

_BUDGET = 64 * 1024 * 1024
_NEVER = Fuse(share=1.0, window=1)


async def drain(
    log: MemoryLog, stage: Stage[Any], *, chunk: int = 500, fuse: Fuse = _NEVER
) -> None:
    """Take the leases of all partitions, handle all there is, commit, give the leases back.

    Raises:
        Exception: whatever the handler or a commit raised; what was not committed is not.
    """
    errors: list[BaseException] = []
    leases = Leases(log, stage, errors.append)
    pump = Pump(stage, leases, InFlightBudget(_BUDGET), fuse)
    partitions = range(log.count(stage.source))
    await leases.hold([TopicPartition(stage.source, part) for part in partitions])
    try:
        while chunks := [c for lease in leases.all() if (c := _next(log, lease, chunk))]:
            await pump.turn(chunks)
        await leases.drained()
    finally:
        await leases.hold([])
    if errors:
        raise errors[0]


def _next(log: MemoryLog, lease: Lease, limit: int) -> Chunk | None:
    records = log.after(lease.source, lease.position, limit)
    return Chunk(lease.source, records, lambda: True, lambda: None) if records else None
