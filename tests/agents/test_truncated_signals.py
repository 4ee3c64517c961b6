"""The detector, when `news.signals` lost its end on the broker."""

from collections.abc import Awaitable, Callable

from agents.detecting.detector_state import DetectorState
from detection.rule import Rule
from schemas.signal import Signal
from streams.core.record import Stored
from streams.testing.memory_log import MemoryLog

Planted = Callable[..., Awaitable[list[Stored]]]


async def test_a_new_signal_is_not_taken_for_one_that_was_set_aside(
    log: MemoryLog, planted: Planted
) -> None:
    """A signal at the offset of a lost one would wait until a restart, and then never count."""
    first, second, *_ = [Signal.from_bytes(record.value) for record in await planted(log)]
    before = DetectorState(Rule(), 4, ())
    before.offer(first, first.published.timestamp(), 5)
    before.set_aside(6)
    after = DetectorState(Rule(), 4, before.changes())
    after.forget_from(6)
    after.put_back(first, 0.0, 5)
    after.put_back(second, 0.0, 6)
    assert len(after.ordering) == 2
