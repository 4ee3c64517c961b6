"""The reorder buffer: event-time order out of upstream partitions of different speed."""

from datetime import UTC, datetime, timedelta
from itertools import count, groupby
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.ordering import Changes, Ordering, Place, Snapshot
from detection.rule import Rule
from schemas.signal import Signal

START: Final = datetime(2024, 1, 1, tzinfo=UTC)
RULE: Final = Rule(idle_timeout=30.0)


def at(minute: float, lineage: str, key: str = "k", subject: str = "topic:macro") -> Signal:
    """A signal published at a minute, that came along a lineage."""
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


def minutes(signals: list[Signal]) -> list[float]:
    """When the signals were published."""
    return [(signal.published - START) / timedelta(minutes=1) for signal in signals]


def offered(ordering: Ordering, *signals: Signal, now: float = 0.0) -> Ordering:
    """The buffer after these signals came in."""
    for signal in signals:
        ordering.offer(signal, now)
    return ordering


def test_signals_wait_for_the_slowest_lineage() -> None:
    """A lineage that is months behind would come too late for every alert."""
    ordering = offered(Ordering(RULE, 2), at(1, "a"), at(500, "a"), at(3, "b"))
    assert minutes(ordering.release(1.0)) == [1]
    offered(ordering, at(400, "b"), now=2.0)
    assert minutes(ordering.release(2.0)) == [3]
    assert len(ordering) == 2


def test_nothing_leaves_before_every_expected_lineage_was_heard_or_given_up() -> None:
    """The first lineage to be read would run ahead of all others at every start."""
    ordering = offered(Ordering(RULE, 3), at(1, "a"), at(2, "b"), now=10.0)
    assert ordering.release(39.0) == []
    offered(ordering, at(5, "a"), at(6, "b"), now=39.5)
    assert minutes(ordering.release(40.0)) == [1, 2]


def test_an_idle_lineage_holds_nobody_up_and_its_return_is_late() -> None:
    """One silent upstream partition would stop every alert."""
    ordering = offered(Ordering(RULE, 2), at(1, "a"), at(2, "b"))
    offered(ordering, at(100, "a"), now=29.0)
    assert minutes(ordering.release(31.0)) == [1, 2]
    offered(ordering, at(200, "a"), now=32.0)
    assert minutes(ordering.release(32.0)) == [100]
    offered(ordering, at(50, "b"), now=33.0)
    assert minutes(ordering.release(33.0)) == [50]
    assert ordering.late == 1


def test_when_all_fall_silent_everything_leaves() -> None:
    """The last headlines of a day would wait for the next morning."""
    ordering = offered(Ordering(RULE, 2), at(7, "a"), at(5, "b"))
    assert minutes(ordering.release(30.0)) == [5, 7]
    assert Ordering(RULE, 2).release(1e9) == []


def test_lateness_keeps_the_door_open() -> None:
    """A feed that is a little out of order in itself would be counted late."""
    ordering = Ordering(Rule(lateness=timedelta(minutes=10)), 1)
    offered(ordering, *(at(minute, "a") for minute in (0, 31, 25, 22, 20)))
    assert minutes(ordering.release(1.0)) == [0, 20]
    assert ordering.late == 0


def test_what_does_not_fit_leaves_oldest_first() -> None:
    """A dead upstream partition would fill the memory."""
    ordering = offered(Ordering(Rule(max_pending=2), 2), *(at(9 - n, "a") for n in range(5)))
    assert minutes(ordering.release(1.0)) == [5, 6, 7]
    assert len(ordering) == 2


def test_changes_are_net_and_told_once() -> None:
    """The changelog would grow with signals that only passed through."""
    ordering = offered(Ordering(RULE, 1), at(1, "a"), at(2, "a"))
    ordering.release(0.0)
    first = ordering.changes()
    assert minutes(list(first.added.values())) == [2]
    assert first.removed == set()
    assert first.lineages == {"a": START + timedelta(minutes=2)}
    assert first.released is not None
    offered(ordering, at(3, "a"))
    ordering.release(0.0)
    second = ordering.changes()
    assert second.removed == set(first.added)
    assert ordering.changes() == Changes({}, set(), {}, second.released)


def test_a_rebuilt_buffer_knows_what_it_had_released() -> None:
    """A late signal would wait for a frontier that has long gone by, uncounted."""
    ordering = offered(Ordering(RULE, 1), at(1, "a"), at(9, "a"))
    ordering.release(0.0)
    known = {"a": START - timedelta(days=1)}
    released = ordering.changes().released
    rebuilt = Ordering.rebuilt(RULE, 1, Snapshot({}, known, released), now=0.0)
    assert minutes(offered(rebuilt, at(0, "a")).release(0.0)) == [0]
    assert rebuilt.late == 1


def test_a_rebuilt_buffer_gives_every_lineage_time_to_come_back() -> None:
    """A restart that takes longer than the idle timeout would let everything out unordered."""
    known = {"a": START, "b": START}
    ordering = Ordering.rebuilt(RULE, 2, Snapshot({4: at(5, "a")}, known, None), now=1_000.0)
    assert ordering.release(1_001.0) == []
    offered(ordering, at(6, "a"), at(7, "b"), now=1_002.0)
    assert set(ordering.changes().added) == {5, 6}
    assert minutes(ordering.release(1_003.0)) == [5]


LANES = st.lists(st.lists(st.integers(0, 40), max_size=25).map(sorted), min_size=1, max_size=4)


def interleaved(data: st.DataObject, lanes: list[list[int]]) -> list[Signal]:
    """The lanes' signals, each lane in order, in any interleaving; every signal is unique."""
    turns = [lane for lane, times in enumerate(lanes) for _ in times]
    numbers, queues = count(), [iter(times) for times in lanes]
    order = data.draw(st.permutations(turns))
    return [at(next(queues[lane]), str(lane), f"{next(numbers)}") for lane in order]


def place(signal: Signal) -> Place:
    """The documented order."""
    return signal.published, signal.key, signal.subject


@pytest.mark.property
@given(data=st.data(), lanes=LANES)
def test_any_interleaving_of_ordered_lineages_leaves_in_order_and_once(
    data: st.DataObject, lanes: list[list[int]]
) -> None:
    """Counts would be wrong, and alerts would depend on which partition was read first."""
    signals = interleaved(data, lanes)
    ordering, out = Ordering(RULE, len(lanes)), []
    for signal in signals:
        ordering.offer(signal, 0.0)
        out += ordering.release(0.0) if data.draw(st.booleans()) else []
    out += ordering.release(1e6)
    assert out == sorted(signals, key=place)
    assert (ordering.late, len(ordering)) == (0, 0)


@pytest.mark.property
@given(data=st.data(), lanes=LANES, pending=st.integers(1, 20))
def test_whatever_happens_each_signal_leaves_once(
    data: st.DataObject, lanes: list[list[int]], pending: int
) -> None:
    """A full buffer, idle lineages and late signals would lose news or count it twice."""
    signals = interleaved(data, lanes)
    ordering, out = Ordering(Rule(max_pending=pending, idle_timeout=5.0), len(lanes) + 1), []
    now = 0.0
    for signal in signals:
        now += data.draw(st.sampled_from([0.0, 1.0, 10.0]))
        ordering.offer(signal, now)
        out += ordering.release(now)
        assert len(ordering) <= pending
    out += ordering.release(now + 1e6)
    assert sorted(out, key=place) == sorted(signals, key=place)


@pytest.mark.property
@given(data=st.data(), lanes=LANES)
def test_a_buffer_rebuilt_from_its_changes_goes_on_as_before(
    data: st.DataObject, lanes: list[list[int]]
) -> None:
    """A worker that takes a partition over would lose or repeat what was pending."""
    signals = interleaved(data, lanes)
    ordering, whole = Ordering(RULE, len(lanes)), Ordering(RULE, len(lanes))
    log = Snapshot({}, {}, None)
    for _, batch in groupby(enumerate(signals), key=lambda one: one[0] // 5):
        for _, signal in batch:
            ordering.offer(signal, 0.0)
            whole.offer(signal, 0.0)
        assert ordering.release(0.0) == whole.release(0.0)
        log = applied(log, ordering.changes())
        ordering = Ordering.rebuilt(RULE, len(lanes), log, 0.0)
    assert ordering.release(1e6) == whole.release(1e6)


def applied(log: Snapshot, changes: Changes) -> Snapshot:
    """A compacted changelog after these changes."""
    assert changes.removed <= set(log.pending)
    pending = {n: s for n, s in log.pending.items() if n not in changes.removed} | changes.added
    return Snapshot(pending, {**log.lineages, **changes.lineages}, changes.released)
