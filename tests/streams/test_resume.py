"""Where a stage goes on: after its offsets expired, its log was cut off, or retention passed it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from schemas.metrics.processing import POSITIONS_CORRECTED, RECORDS_LOST, Sample
from streams.core.errors import LogTruncated
from streams.core.lease import Leases
from streams.core.record import Message, Stored, TopicPartition
from streams.core.stage import Stage
from streams.positions.landmarks import Landmark, Remembered, add_landmark, sample
from streams.positions.resume import correct, find_resumption
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog
from tests.streams.conftest import Memory, counting

SOURCE = TopicPartition("in", 0)


def remembering() -> Stage[Memory]:
    """Return a counting stage that remembers its position."""
    return replace(counting(), positions="positions")


def numbers(name: str, count: int) -> list[bytes]:
    """Return ``count`` different values."""
    return [b"%s %d" % (name.encode(), number) for number in range(count)]


def publish(log: MemoryLog, values: Sequence[bytes]) -> None:
    """Write ``values`` to the source."""
    log.append([Message("in", b"k", value) for value in values])


async def test_expired_offsets_are_remembered() -> None:
    """Dead letters and articles would be written twice, and open bins counted twice."""
    log = MemoryLog(partitions=1)
    publish(log, [b"a", b"b"])
    await drain(log, remembering())
    log.forget_group("group")
    publish(log, [b"c"])
    await drain(log, remembering())
    assert [record.value for record in log.read("out")] == [b"a", b"b", b"c"]
    assert await log.committed("group", SOURCE) == 3


async def test_a_stage_without_positions_relies_on_kafka() -> None:
    """A stage would need a topic that it does not have."""
    log = MemoryLog(partitions=1, topics=frozenset({"in", "out", "state"}))
    publish(log, [b"a"])
    await drain(log, counting())
    await drain(log, counting())
    assert len(log.read("out")) == 1


@pytest.mark.parametrize("grown", [0, 1, 49, 50, 51, 200])
@pytest.mark.parametrize("chunk", [1, 7, 500])
async def test_a_log_that_was_cut_off_is_read_from_there(grown: int, chunk: int) -> None:
    """Articles would never be scored, and their offsets be committed."""
    log, old, new = MemoryLog(partitions=1), numbers("old", 100), numbers("new", grown)
    publish(log, old)
    await drain(log, remembering(), chunk=chunk)
    log.truncate(SOURCE, 50)
    publish(log, new)
    await drain(log, remembering(), chunk=chunk)
    publish(log, [b"last"])
    await drain(log, remembering(), chunk=chunk)
    written = Counter(record.value for record in log.read("out"))
    assert written == Counter([*old, *new, b"last"])


async def test_a_topic_that_was_made_anew_is_read_from_its_beginning() -> None:
    """Nothing would be read until the topic is as long as the old one."""
    log, new = MemoryLog(partitions=1), numbers("new", 20)
    publish(log, numbers("old", 10))
    await drain(log, remembering())
    log.truncate(SOURCE, 0)
    publish(log, new)
    await drain(log, remembering())
    assert [record.value for record in log.read("out")[10:]] == new


async def test_what_retention_deleted_is_counted() -> None:
    """News would be missing, and nobody would learn of it."""
    log, samples = MemoryLog(partitions=1), list[Sample]()
    publish(log, [b"a", b"b"])
    await drain(log, remembering())
    publish(log, numbers("new", 8))
    log.delete_before(SOURCE, 6)
    errors: list[BaseException] = []
    leases = Leases(
        log, remembering(), errors.append, observe=lambda _, these: samples.extend(these)
    )
    with capture_logs() as lines:
        await leases.hold([SOURCE])
    assert leases.held[SOURCE].position == 6
    await leases.flush()
    await leases.hold([])
    assert errors == []
    counted = [
        (fact.value, fact.labels) for fact in samples if fact.metric is RECORDS_LOST and fact.value
    ]
    assert counted == [(4.0, ("in",))]
    assert [line["count"] for line in lines if line["log_level"] == "error"] == [4]


async def test_a_new_stage_loses_nothing() -> None:
    """A first start on an old topic would report losses that are none."""
    log = MemoryLog(partitions=1)
    publish(log, [b"a", b"b"])
    log.delete_before(SOURCE, 1)
    assert await find_resumption(log, remembering(), SOURCE) == (1, (), (), 2)


async def test_a_position_in_the_log_needs_no_correction() -> None:
    """An ordinary restart would raise alarms."""
    log = MemoryLog(partitions=1)
    publish(log, [b"a", b"b"])
    await drain(log, remembering())
    resumption = await find_resumption(log, remembering(), SOURCE)
    assert (resumption.position, resumption.samples) == (2, ())
    assert await correct(log, remembering(), SOURCE, 1) == (1, (), (), 0)


async def test_a_running_worker_corrects_what_it_can() -> None:
    """A worker would end because retention passed it, or go on in a log that is not the same."""
    log = MemoryLog(partitions=1)
    publish(log, numbers("old", 5))
    log.delete_before(SOURCE, 3)
    resumption = await correct(log, remembering(), SOURCE, 1)
    assert resumption.position == 3
    assert {fact.metric for fact in resumption.samples} == {RECORDS_LOST, POSITIONS_CORRECTED}
    with pytest.raises(LogTruncated, match=r"in-0 .* offset 9, .* from 3 to 5"):
        await correct(log, remembering(), SOURCE, 9)


@pytest.mark.property
@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=200))
def test_landmarks_stay_few_and_dense_near_the_end(gaps: list[int]) -> None:
    """Each transaction would carry more, or a whole log be searched for a short truncation."""
    landmarks, offset = remembered(gaps), sum(gaps)
    assert len(landmarks) <= 8
    assert landmarks[-1].offset == offset
    assert list(landmarks) == sorted(landmarks)
    content = Remembered(offset + 1, landmarks)
    assert Remembered.from_bytes(content.to_bytes()) == content


def remembered(gaps: Sequence[int]) -> tuple[Landmark, ...]:
    """Return the landmarks of records that lie ``gaps`` apart."""
    landmarks: tuple[Landmark, ...] = ()
    offset = 0
    for gap in gaps:
        offset += gap
        landmarks = add_landmark(landmarks, Stored("in", 0, offset, 0, None, b"", ()))
    return landmarks


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 15, 16, 17, 1000])
def test_a_sample_has_the_last_record(count: int) -> None:
    """What was handled last could not be recognised."""
    records = [Stored("in", 0, offset, 0, None, b"", ()) for offset in range(count)]
    sampled = sample(records)
    assert len(sampled) == min(count, len(sampled)) <= 8
    assert list(sampled[-1:]) == records[-1:]


def test_landmarks_after_changes_of_the_leader_stay_among_ordinary_ones() -> None:
    """The place at which a log was cut off would be taken for an earlier change of the leader."""
    landmarks: tuple[Landmark, ...] = ()
    for offset in range(1000):
        record = Stored("in", 0, offset, 0, None, b"", ())
        landmarks = add_landmark(landmarks, record, begins_term=offset in {150, 430})
    assert [mark.offset for mark in landmarks if mark.begins_term] == [150, 430]
    assert (landmarks[0].offset, landmarks[-1].offset) == (0, 999)
    content = Remembered(1000, landmarks)
    assert Remembered.from_bytes(content.to_bytes()) == content
