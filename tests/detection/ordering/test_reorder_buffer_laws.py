"""Laws of the reorder buffer: order, once, and the same after a restart."""

from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.ordering.reorder_buffer import ReorderBuffer, SortKey
from detection.rule import Rule
from schemas.signal import Signal
from tests.detection.ordering.test_reorder_buffer import OFFSETS, RULE, at

if TYPE_CHECKING:
    from detection.ordering.watermarks import LineageState

LANES = st.lists(st.lists(st.integers(0, 40), max_size=25).map(sorted), min_size=1, max_size=4)
Sent = list[tuple[Signal, float]]


def interleaved(data: st.DataObject, lanes: list[list[int]]) -> list[Signal]:
    """Return unique signals in an interleaving that keeps the order of each lane."""
    turns = [lane for lane, times in enumerate(lanes) for _ in times]
    numbers, queues = count(), [iter(times) for times in lanes]
    order = data.draw(st.permutations(turns))
    return [at(next(queues[lane]), str(lane), f"{next(numbers)}") for lane in order]


def sort_key(signal: Signal) -> SortKey:
    """Return the sort key that is documented."""
    return signal.published.timestamp(), signal.key, signal.subject


def sent(data: st.DataObject, signals: list[Signal]) -> Sent:
    """Return when each signal was sent, after pauses of all kinds, outages included."""
    pauses = [data.draw(st.sampled_from([0.0, 1.0, 10.0, 29.0, 31.0, 4000.0])) for _ in signals]
    return [(signal, sum(pauses[: n + 1])) for n, signal in enumerate(signals)]


@pytest.mark.property
@given(data=st.data(), lanes=LANES)
def test_signals_leave_in_order_and_once_whatever_the_interleaving(
    data: st.DataObject, lanes: list[list[int]]
) -> None:
    """Counts would be wrong, and alerts would depend on which partition was read first."""
    signals = interleaved(data, lanes)
    buffer, out = ReorderBuffer(RULE, len(lanes)), list[Signal]()
    for signal in signals:
        buffer.offer(signal, 0.0, next(OFFSETS))
        out += buffer.release() if data.draw(st.booleans()) else []
    out += buffer.release(1e6)
    assert out == sorted(signals, key=sort_key)
    assert (buffer.late, len(buffer)) == (0, 0)


@pytest.mark.property
@given(data=st.data(), lanes=LANES, pending=st.integers(1, 20))
def test_each_signal_leaves_once_whatever_happens(
    data: st.DataObject, lanes: list[list[int]], pending: int
) -> None:
    """A full buffer, idle lineages and late signals would lose news or count it twice."""
    signals = interleaved(data, lanes)
    buffer, out = ReorderBuffer(Rule(max_pending=pending), len(lanes) + 1), list[Signal]()
    for signal, seconds in sent(data, signals):
        buffer.offer(signal, seconds, next(OFFSETS))
        out += buffer.release()
        assert len(buffer) <= pending
    out += buffer.release(1e6)
    assert sorted(out, key=sort_key) == sorted(signals, key=sort_key)


@pytest.mark.property
@given(data=st.data(), lanes=LANES, pending=st.sampled_from([3, 1000]))
def test_a_restored_buffer_continues_as_before(
    data: st.DataObject, lanes: list[list[int]], pending: int
) -> None:
    """A worker that takes a partition over would lose or repeat pending signals."""
    rule, log = Rule(max_pending=pending), sent(data, interleaved(data, lanes))
    restarted, untouched = ReorderBuffer(rule, len(lanes)), ReorderBuffer(rule, len(lanes))
    states: dict[str, LineageState] = {}
    for offset, (signal, seconds) in enumerate(log):
        for buffer in (restarted, untouched):
            buffer.offer(signal, seconds, offset)
        assert restarted.release() == untouched.release()
        states |= {state.name: state for state in restarted.take_changed_lineages()}
        if data.draw(st.booleans()):
            progress = restarted.progress
            restarted = ReorderBuffer.restore(rule, len(lanes), progress, states.values())
            begin = offset + 1 if progress.oldest is None else progress.oldest
            for index in range(begin, offset + 1):
                restarted.put_back(log[index][0], index)
            assert restarted.progress == progress
    assert restarted.release(1e6) == untouched.release(1e6)
    assert restarted.late == untouched.late
