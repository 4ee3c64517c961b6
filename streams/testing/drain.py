"""Run a stage over the log in memory until its input is used up: the pump without a broker."""

from streams.core.backpressure import InFlightBudget
from streams.core.fuse import Fuse
from streams.core.lease import Leases
from streams.core.pump import Pump
from streams.core.stage import AnyStage
from streams.testing.memory_consumer import MemoryConsumer
from streams.testing.memory_log import MemoryLog

_BUDGET_BYTES = 64 * 1024 * 1024
_NEVER_BLOWS = Fuse(share=1.0, window=1)


async def drain(
    log: MemoryLog, stage: AnyStage, *, chunk: int = 500, fuse: Fuse = _NEVER_BLOWS
) -> None:
    """Lease all partitions, handle all records, commit, and give the leases back.

    ``chunk`` is the largest number of records in a chunk.

    Raises:
        Exception: The handler or a commit failed; later results are not committed.
    """
    errors: list[BaseException] = []
    leases = Leases(log, stage, errors.append)
    pump = Pump(stage, leases, InFlightBudget(_BUDGET_BYTES), fuse)
    consumer = MemoryConsumer(log, pump, chunk)
    try:
        await consumer.run()
        await leases.flush()
    finally:
        await leases.hold([])
    if errors:
        raise errors[0]
