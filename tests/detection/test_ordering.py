"""The reorder buffer: event-time order out of upstream partitions of different speed."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.ordering.reorder_buffer import ReorderBuffer, SortKey
from detection.rule import Rule
from schemas.signal import Signal

if TYPE_CHECKING:
    from detection.ordering.watermarks import LineageState

START: Final = datetime(2024, 1, 1, tzinfo=UTC)
RULE: Final = Rule(idle_timeout=30.0)
OFFSETS: Final = count()


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


def minutes(signals: Iterable[Signal]) -> list[float]:
    """When the signals were published."""
    return [(signal.published - START) / timedelta(minutes=1) for signal in signals]


def offered(ordering: ReorderBuffer, *signals: Signal, sent: float = 0.0) -> ReorderBuffer:
    """The buffer after these signals came in."""
    for signal in signals:
        ordering.offer(signal, sent, next(OFFSETS))
    return ordering


def test_signals_wait_for_the_slowest_lineage() -> None:
    """A lineage that is months behind would come too late for every alert."""
    ordering = offered(ReorderBuffer(RULE, 2), at(1, "a"), at(500, "a"), at(3, "b"))
    assert minutes(ordering.release()) == [1]
    offered(ordering, at(400, "b"))
    assert minutes(ordering.release()) == [3]
    assert len(ordering) == 2


def test_nothing_leaves_before_every_expected_lineage_was_heard_or_given_up() -> None:
    """The first lineage to be read would run ahead of all others at every start."""
    ordering = offered(ReorderBuffer(RULE, 3), at(1, "a"), at(2, "b"), sent=10.0)
    for minute, sent in ((3, 20.0), (4, 30.0)):
        offered(ordering, at(minute, "a"), at(minute, "b"), sent=sent)
        assert minutes(ordering.release()) == []
    offered(ordering, at(5, "a"), at(5, "b"), sent=40.0)
    assert minutes(ordering.release()) == [1, 2, 3, 3, 4, 4]


def test_a_lineage_that_is_silent_while_others_speak_holds_nobody_up() -> None:
    """One upstream partition that nobody writes to would stop every alert."""
    ordering = offered(ReorderBuffer(RULE, 2), at(1, "a"), at(2, "b"))
    offered(ordering, at(100, "a"), sent=15.0)
    assert minutes(ordering.release()) == [1]
    offered(ordering, at(200, "a"), sent=30.0)
    assert minutes(ordering.release()) == [2, 100]


def test_what_comes_after_its_place_has_gone_by_is_late_and_leaves_at_once() -> None:
    """News that is late would be lost, or nobody would know that it was late."""
    ordering = offered(ReorderBuffer(RULE, 1), at(1, "a"), at(100, "a"), at(200, "a"))
    assert minutes(ordering.release()) == [1, 100]
    offered(ordering, at(50, "a"))
    assert minutes(ordering.release()) == [50]
    assert ordering.late == 1


def test_when_all_fall_silent_everything_leaves() -> None:
    """The last headlines of a day would wait for the next morning."""
    ordering = offered(ReorderBuffer(RULE, 2), at(7, "a"), at(5, "b"))
    assert minutes(ordering.release(29.0)) == []
    assert minutes(ordering.release(30.0)) == [5, 7]
    assert minutes(ReorderBuffer(RULE, 2).release(1e9)) == []


def test_an_outage_of_everybody_is_nobodys_idleness() -> None:
    """An hour without a worker would make late what its slower partitions still had to bring."""
    hour = 3600.0
    ordering = offered(ReorderBuffer(RULE, 2), at(1, "a"), at(1, "b"), at(2, "a"))
    offered(ordering, at(50, "a"), sent=hour)
    offered(ordering, at(60, "a"), sent=hour + 10)
    assert minutes(ordering.release()) == []
    offered(ordering, at(3, "b"), sent=hour + 11)
    assert minutes(ordering.release()) == [1, 1, 2]
    assert ordering.late == 0


def test_after_an_outage_idle_lineages_are_waited_for_again() -> None:
    """What a partition had to bring before it was given up would be late after any pause."""
    ordering = offered(ReorderBuffer(RULE, 2), at(1, "a"), at(1, "b"))
    for step in range(1, 5):
        offered(ordering, at(10 * step, "a"), sent=10.0 * step)
    assert minutes(ordering.release()) == [1, 1, 10, 20, 30]
    offered(ordering, at(90, "a"), sent=1_000.0)
    assert minutes(ordering.release()) == []
    offered(ordering, at(45, "b"), sent=1_001.0)
    assert minutes(ordering.release()) == [40]
    assert ordering.late == 0


def test_lateness_keeps_the_door_open() -> None:
    """A feed that is a little out of order in itself would be counted late."""
    ordering = ReorderBuffer(Rule(lateness=timedelta(minutes=10)), 1)
    offered(ordering, *(at(minute, "a") for minute in (0, 31, 25, 22, 20)))
    assert minutes(ordering.release()) == [0, 20]
    assert minutes(ordering.release(61.0)) == [22]
    assert ordering.late == 0


def test_what_does_not_fit_leaves_oldest_first() -> None:
    """A dead upstream partition would fill the memory."""
    ordering = offered(ReorderBuffer(Rule(max_pending=2), 2), *(at(9 - n, "a") for n in range(5)))
    assert minutes(ordering.release()) == [5, 6, 7]
    assert len(ordering) == 2


def test_lineages_are_told_once() -> None:
    """The changelog would grow with what it holds already."""
    ordering = offered(ReorderBuffer(RULE, 1), at(1, "a"), at(2, "a"))
    latest = at(2, "a").published.timestamp()
    assert [(name, time) for name, time, _ in ordering.heard()] == [("a", latest)]
    assert ordering.heard() == []


def test_the_oldest_that_waits_is_known() -> None:
    """A worker that takes over would read too little of the log again, or all of it."""
    ordering = ReorderBuffer(RULE, 1)
    for offset, minute in ((5, 3), (7, 1), (8, 4), (9, 2)):
        ordering.offer(at(minute, "a"), 0.0, offset)
    assert minutes(ordering.release()) == [1, 2, 3]
    assert (ordering.progress.oldest, ordering.progress.waiting) == (8, 1)
    assert minutes(ordering.release(31.0)) == [4]
    assert (ordering.progress.oldest, ordering.progress.waiting) == (None, 0)


LANES = st.lists(st.lists(st.integers(0, 40), max_size=25).map(sorted), min_size=1, max_size=4)
Sent = list[tuple[Signal, float]]


def interleaved(data: st.DataObject, lanes: list[list[int]]) -> list[Signal]:
    """The lanes' signals, each lane in order, in any interleaving; every signal is unique."""
    turns = [lane for lane, times in enumerate(lanes) for _ in times]
    numbers, queues = count(), [iter(times) for times in lanes]
    order = data.draw(st.permutations(turns))
    return [at(next(queues[lane]), str(lane), f"{next(numbers)}") for lane in order]


def place(signal: Signal) -> SortKey:
    """The documented order."""
    return signal.published.timestamp(), signal.key, signal.subject


def sent(data: st.DataObject, signals: list[Signal]) -> Sent:
    """When each was sent: pauses of all kinds, outages too."""
    pauses = [data.draw(st.sampled_from([0.0, 1.0, 10.0, 29.0, 31.0, 4000.0])) for _ in signals]
    return [(signal, sum(pauses[: n + 1])) for n, signal in enumerate(signals)]


@pytest.mark.property
@given(data=st.data(), lanes=LANES)
def test_any_interleaving_of_ordered_lineages_leaves_in_order_and_once(
    data: st.DataObject, lanes: list[list[int]]
) -> None:
    """Counts would be wrong, and alerts would depend on which partition was read first."""
    signals = interleaved(data, lanes)
    ordering, out = ReorderBuffer(RULE, len(lanes)), list[Signal]()
    for signal in signals:
        ordering.offer(signal, 0.0, next(OFFSETS))
        out += ordering.release() if data.draw(st.booleans()) else []
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
    ordering, out = ReorderBuffer(Rule(max_pending=pending), len(lanes) + 1), list[Signal]()
    for signal, when in sent(data, signals):
        ordering.offer(signal, when, next(OFFSETS))
        out += ordering.release()
        assert len(ordering) <= pending
    out += ordering.release(1e6)
    assert sorted(out, key=place) == sorted(signals, key=place)


@pytest.mark.property
@given(data=st.data(), lanes=LANES, pending=st.sampled_from([3, 1000]))
def test_a_buffer_that_is_read_again_goes_on_as_before(
    data: st.DataObject, lanes: list[list[int]], pending: int
) -> None:
    """A worker that takes a partition over would lose or repeat what was pending."""
    rule, log = Rule(max_pending=pending), sent(data, interleaved(data, lanes))
    ordering, whole = ReorderBuffer(rule, len(lanes)), ReorderBuffer(rule, len(lanes))
    known: dict[str, LineageState] = {}
    for offset, (signal, when) in enumerate(log):
        for one in (ordering, whole):
            one.offer(signal, when, offset)
        assert list(ordering.release()) == list(whole.release())
        known |= {it[0]: it for it in ordering.heard()}
        if data.draw(st.booleans()):
            progress = ordering.progress
            ordering = ReorderBuffer.rebuilt(rule, len(lanes), progress, known.values())
            begin = offset + 1 if progress.oldest is None else progress.oldest
            for again in range(begin, offset + 1):
                ordering.put_back(log[again][0], again)
            assert ordering.progress == progress
    assert list(ordering.release(1e6)) == list(whole.release(1e6))
    assert ordering.late == whole.late
