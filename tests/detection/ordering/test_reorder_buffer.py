"""The reorder buffer: event-time order out of upstream partitions of different speed."""

import tracemalloc
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

from detection.ordering.reorder_buffer import BufferProgress, ReorderBuffer
from detection.rule import Rule
from schemas.signal import Signal

START: Final = datetime(2024, 1, 1, tzinfo=UTC)
RULE: Final = Rule(idle_timeout=30.0)
OFFSETS: Final = count()


def at(minute: float, lineage: str, key: str = "k", subject: str = "topic:macro") -> Signal:
    """Return a signal that was published at a minute and came along a lineage."""
    return Signal(
        subject=subject,
        key=key,
        published=START + timedelta(minutes=minute),
        negative=0.5,
        neutral=0.5,
        positive=0.0,
        headline="",
        source="test",
        model="fake-1",
        lineage=lineage,
    )


def minutes(signals: Iterable[Signal]) -> list[float]:
    """Return the minutes at which the signals were published."""
    return [(signal.published - START) / timedelta(minutes=1) for signal in signals]


def offer(buffer: ReorderBuffer, *signals: Signal, sent: float = 0.0) -> ReorderBuffer:
    """Offer ``signals`` to the buffer, and return it."""
    for signal in signals:
        buffer.offer(signal, sent, next(OFFSETS))
    return buffer


def test_signals_wait_for_the_slowest_lineage() -> None:
    """A lineage that is months behind would come too late for every alert."""
    buffer = offer(ReorderBuffer(RULE, 2), at(1, "a"), at(500, "a"), at(3, "b"))
    assert minutes(buffer.release()) == [1]
    offer(buffer, at(400, "b"))
    assert minutes(buffer.release()) == [3]
    assert len(buffer) == 2


def test_nothing_leaves_before_every_expected_lineage_appeared_or_is_idle() -> None:
    """At every start, the first lineage that is read would run ahead of all others."""
    buffer = offer(ReorderBuffer(RULE, 3), at(1, "a"), at(2, "b"), sent=10.0)
    for minute, sent in ((3, 20.0), (4, 30.0)):
        offer(buffer, at(minute, "a"), at(minute, "b"), sent=sent)
        assert minutes(buffer.release()) == []
    offer(buffer, at(5, "a"), at(5, "b"), sent=40.0)
    assert minutes(buffer.release()) == [1, 2, 3, 3, 4, 4]


def test_a_lineage_that_is_silent_while_others_send_is_not_awaited() -> None:
    """One upstream partition that nobody writes to would stop every alert."""
    buffer = offer(ReorderBuffer(RULE, 2), at(1, "a"), at(2, "b"))
    offer(buffer, at(100, "a"), sent=15.0)
    assert minutes(buffer.release()) == [1]
    offer(buffer, at(200, "a"), sent=30.0)
    assert minutes(buffer.release()) == [2, 100]


def test_a_signal_after_its_position_was_released_is_late_and_leaves_at_once() -> None:
    """Late news would be lost, or nobody would notice that it was late."""
    buffer = offer(ReorderBuffer(RULE, 1), at(1, "a"), at(100, "a"), at(200, "a"))
    assert minutes(buffer.release()) == [1, 100]
    offer(buffer, at(50, "a"))
    assert minutes(buffer.release()) == [50]
    assert buffer.late == 1


def test_if_all_lineages_fall_silent_everything_leaves() -> None:
    """The last headlines of a day would wait for the next morning."""
    buffer = offer(ReorderBuffer(RULE, 2), at(7, "a"), at(5, "b"))
    assert minutes(buffer.release(29.0)) == []
    assert minutes(buffer.release(30.0)) == [5, 7]
    assert minutes(ReorderBuffer(RULE, 2).release(1e9)) == []


def test_an_outage_of_all_lineages_makes_none_idle() -> None:
    """After an hour without a worker, signals of its slower partitions would be late."""
    hour = 3600.0
    buffer = offer(ReorderBuffer(RULE, 2), at(1, "a"), at(1, "b"), at(2, "a"))
    offer(buffer, at(50, "a"), sent=hour)
    offer(buffer, at(60, "a"), sent=hour + 10)
    assert minutes(buffer.release()) == []
    offer(buffer, at(3, "b"), sent=hour + 11)
    assert minutes(buffer.release()) == [1, 1, 2]
    assert buffer.late == 0


def test_after_an_outage_idle_lineages_are_awaited_again() -> None:
    """Signals of a partition that was idle before a pause would be late after it."""
    buffer = offer(ReorderBuffer(RULE, 2), at(1, "a"), at(1, "b"))
    for step in range(1, 5):
        offer(buffer, at(10 * step, "a"), sent=10.0 * step)
    assert minutes(buffer.release()) == [1, 1, 10, 20, 30]
    offer(buffer, at(90, "a"), sent=1_000.0)
    assert minutes(buffer.release()) == []
    offer(buffer, at(45, "b"), sent=1_001.0)
    assert minutes(buffer.release()) == [40]
    assert buffer.late == 0


def test_signals_within_the_lateness_are_not_late() -> None:
    """Signals of a feed that is slightly out of order would count as late."""
    buffer = ReorderBuffer(Rule(lateness=timedelta(minutes=10)), 1)
    offer(buffer, *(at(minute, "a") for minute in (0, 31, 25, 22, 20)))
    assert minutes(buffer.release()) == [0, 20]
    assert minutes(buffer.release(61.0)) == [22]
    assert buffer.late == 0


def test_if_the_buffer_is_full_the_oldest_signals_leave() -> None:
    """A dead upstream partition would fill the memory."""
    buffer = offer(ReorderBuffer(Rule(max_pending=2), 2), *(at(9 - n, "a") for n in range(5)))
    assert minutes(buffer.release()) == [5, 6, 7]
    assert len(buffer) == 2


def test_only_changed_lineages_are_stored() -> None:
    """The changelog would grow with lineages that have not changed."""
    buffer = offer(ReorderBuffer(RULE, 1), at(1, "a"), at(2, "a"))
    latest = at(2, "a").published.timestamp()
    assert [(name, time) for name, time, _ in buffer.take_changed_lineages()] == [("a", latest)]
    assert buffer.take_changed_lineages() == []


def test_progress_names_the_oldest_waiting_offset() -> None:
    """A worker that takes over would read too little of the log again, or all of it."""
    buffer = ReorderBuffer(RULE, 1)
    for offset, minute in ((5, 3), (7, 1), (8, 4), (9, 2)):
        buffer.offer(at(minute, "a"), 0.0, offset)
    assert minutes(buffer.release()) == [1, 2, 3]
    assert (buffer.progress.oldest, buffer.progress.waiting) == (8, 1)
    assert minutes(buffer.release(31.0)) == [4]
    assert (buffer.progress.oldest, buffer.progress.waiting) == (None, 0)


def test_signals_of_one_instant_leave_in_order_of_key_and_subject() -> None:
    """Alerts would depend on which of two simultaneous articles was scored first."""
    signals = [
        at(1, "a", "k2", "topic:macro"),
        at(1, "a", "k1", "topic:macro"),
        at(1, "a", "k1", "company:ACME"),
    ]
    buffer = offer(ReorderBuffer(RULE, 1), *signals)
    assert buffer.release() == []
    assert buffer.release(30.0) == signals[::-1]


def test_signals_of_the_frontiers_own_instant_wait() -> None:
    """The second of two simultaneous articles would be late if its key sorts first."""
    buffer = offer(ReorderBuffer(RULE, 1), at(1, "a", "k2"), at(2, "a", "k2"))
    assert minutes(buffer.release()) == [1]
    offer(buffer, at(2, "a", "k1"), at(3, "a"))
    assert [signal.key for signal in buffer.release()] == ["k1", "k2"]
    assert buffer.late == 0


def test_progress_of_an_empty_buffer_is_the_default() -> None:
    """A partition without signals would be stored as one that is behind."""
    assert ReorderBuffer(RULE, 2).progress == BufferProgress()


def test_a_late_signal_does_not_move_the_released_position_back() -> None:
    """After one late article, all that follow it would be accepted out of order."""
    buffer = offer(ReorderBuffer(RULE, 1), at(1, "a"), at(100, "a"), at(200, "a"))
    buffer.release()
    released = buffer.progress.released
    offer(buffer, at(50, "a"))
    buffer.release()
    assert buffer.progress.released == released
    offer(buffer, at(60, "a"))
    assert (minutes(buffer.release()), buffer.late) == ([60], 2)


def test_a_signal_that_was_released_is_not_put_back() -> None:
    """A worker that takes over would count some news twice."""
    buffer = offer(ReorderBuffer(RULE, 1), at(1, "a"), at(2, "a"), at(3, "a"))
    assert minutes(buffer.release()) == [1, 2]
    states = buffer.take_changed_lineages()
    restored = ReorderBuffer.restore(RULE, 1, buffer.progress, states)
    for offset, minute in enumerate((1, 2, 3)):
        restored.put_back(at(minute, "a"), offset)
    assert minutes(restored.release(30.0)) == [3]


def test_a_full_buffer_keeps_nothing_of_what_has_left() -> None:
    """A detector's memory would grow for as long as one signal waits and others pass it."""
    buffer = offer(ReorderBuffer(Rule(max_pending=10), 2), at(0, "a", "last"))

    def pass_by(signals: int) -> None:
        for number in range(signals):
            offer(buffer, at(0, "a", f"before {number}"))
            buffer.release()

    pass_by(1_000)
    tracemalloc.start()
    try:
        pass_by(10_000)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 100_000
    assert buffer.progress.waiting == 10
