"""What stages expect of a log, asked of the log in memory and of Kafka alike."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from streams.core.errors import Fenced
from streams.core.log import Bounds, Log, Session
from streams.core.record import Message, Record, TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, create_topics
from streams.testing.memory_log import MemoryLog

PARTITIONS = 2
SECONDS = 30


class Environment:
    """A log, and the full names of a test's topics and group."""

    def __init__(self, log: Log, prefix: str) -> None:
        self.log = log
        self.out, self.group = f"{prefix}out", f"{prefix}group"
        self.source = TopicPartition(f"{prefix}in", 1)
        self.sessions: list[Session] = []

    async def open(self, group: str = "") -> Session:
        """Open a session that is closed with the test."""
        self.sessions.append(await self.log.open(group or self.group, self.source))
        return self.sessions[-1]

    def message(self, value: bytes | None, **fields: Any) -> Message:
        """Return a message, to partition 0 unless ``fields`` name another."""
        return Message(self.out, fields.pop("key", None), value, **({"partition": 0} | fields))

    async def scan(self, partition: int = 0) -> list[Record]:
        """Return all committed records of a partition; fail rather than hang.

        Kafka answers a commit before its markers are written (KIP-98): nothing is asked twice.
        """
        async with asyncio.timeout(SECONDS):
            return await self._scan(partition) or await self._scan(partition, after=0.3)

    async def _scan(self, partition: int, after: float = 0.0) -> list[Record]:
        await asyncio.sleep(after)
        source = TopicPartition(self.out, partition)
        return [record async for records in self.log.scan(source) for record in records]

    async def values(self, partition: int = 0) -> list[bytes | None]:
        """Return the values of all committed records of a partition."""
        return [record.value for record in await self.scan(partition)]


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.kafka)])
async def environment(request: pytest.FixtureRequest, prefix: str) -> AsyncIterator[Environment]:
    """Return the log in memory, and Kafka."""
    if request.param == "memory":
        environment = Environment(MemoryLog(PARTITIONS), prefix)
    else:
        cluster = Cluster(
            bootstrap=request.getfixturevalue("kafka"), prefix=prefix, partitions=PARTITIONS
        )
        await create_topics(cluster, [Topic(cluster.topic(name), {}) for name in ("in", "out")])
        environment = Environment(KafkaLog(cluster), prefix)
    yield environment
    await asyncio.gather(*(session.close() for session in environment.sessions))
    await environment.log.close()


@pytest.mark.parametrize(
    ("key", "value", "headers"),
    [
        (b"k\x00\xff", b"v\x00\xff", [("a", b"1"), ("b", b"\xff"), ("a", b"")]),
        (None, b"", []),
        (b"", b"v", []),
        (b"k", None, []),
        (None, None, []),
    ],
)
async def test_records_come_back_as_they_were_written(
    environment: Environment,
    key: bytes | None,
    value: bytes | None,
    headers: list[tuple[str, bytes]],
) -> None:
    """Dead letters, tombstones and keys would change on their way."""
    session = await environment.open()
    sent = environment.message(value, key=key, headers=headers, timestamp=1_234_567_890_123)
    await session.commit([sent], 1)
    (record,) = await environment.scan()
    assert (record.key, record.value, list(record.headers)) == (key, value, headers)
    assert (record.topic, record.partition, record.offset) == (environment.out, 0, 0)
    assert record.timestamp == 1_234_567_890_123


async def test_a_record_without_a_time_gets_the_present(environment: Environment) -> None:
    """The window of the deduplication would begin in 1970."""
    session = await environment.open()
    await session.commit([environment.message(b"a")], 1)
    (record,) = await environment.scan()
    assert record.timestamp > 1_700_000_000_000


async def test_order_is_kept_within_a_partition(environment: Environment) -> None:
    """Articles of one company would change places."""
    session, sent = await environment.open(), [b"%d" % number for number in range(300)]
    for first in range(0, 300, 100):
        chunk = sent[first : first + 100]
        await session.commit([environment.message(value) for value in chunk], first + 100)
    records = await environment.scan()
    assert [record.value for record in records] == sent
    assert [record.offset for record in records] == sorted(record.offset for record in records)


async def test_equal_keys_go_to_the_partition_of_their_hash(environment: Environment) -> None:
    """A subject would be watched by two workers, each with half of its news."""
    session, keys = await environment.open(), [b"21", b"key-0", b"a", b"21", b"key-0", None]
    await session.commit([Message(environment.out, key, b"x") for key in keys], 1)
    keys_by_partition = [
        [record.key for record in await environment.scan(number)] for number in range(PARTITIONS)
    ]
    # murmur2 as in the Java client; a record without a key stays with its source partition
    assert keys_by_partition == [[b"21", b"a", b"21"], [b"key-0", b"key-0", None]]


async def test_a_group_that_never_committed_begins_at_0(environment: Environment) -> None:
    """A new stage would skip the news that were there before it."""
    assert await environment.log.committed(environment.group, environment.source) == 0


async def test_the_offset_moves_with_the_messages(environment: Environment) -> None:
    """A crash between the two would lose articles or double them."""
    session = await environment.open()
    await session.commit([environment.message(b"a")], 7)
    assert await environment.log.committed(environment.group, environment.source) == 7
    await session.commit([], 9)
    assert await environment.log.committed(environment.group, environment.source) == 9
    assert await environment.log.committed(f"{environment.group}-other", environment.source) == 0
    assert await environment.values() == [b"a"]


async def test_a_later_session_fences_the_earlier(environment: Environment) -> None:
    """A worker that froze and thawed would write beside the one that took over."""
    earlier = await environment.open()
    await earlier.commit([environment.message(b"a")], 1)
    later = await environment.open()
    with pytest.raises(Fenced):
        await earlier.commit([environment.message(b"zombie")], 5)
    assert await environment.log.committed(environment.group, environment.source) == 1
    await later.commit([environment.message(b"b")], 2)
    assert await environment.values() == [b"a", b"b"]
    assert await environment.log.committed(environment.group, environment.source) == 2


async def test_groups_do_not_fence_each_other(environment: Environment) -> None:
    """Two stages that read the same topic would take turns in stopping each other."""
    first = await environment.open()
    second = await environment.open(f"{environment.group}-other")
    await first.commit([environment.message(b"a")], 1)
    await second.commit([environment.message(b"b")], 1)
    await first.commit([environment.message(b"c")], 2)
    assert await environment.values() == [b"a", b"b", b"c"]


async def test_a_range_of_a_partition_is_scanned(environment: Environment) -> None:
    """A stage would read its source from the beginning again, or what it has yet to handle."""
    session = await environment.open()
    await session.commit(
        [environment.message(b"a"), environment.message(b"b"), environment.message(b"c")], 1
    )
    await session.commit([environment.message(b"d"), environment.message(b"e")], 2)
    first, *_, fourth, last = await environment.scan()
    for begin, end, expected in (
        (first.offset + 1, last.offset, [b"b", b"c", b"d"]),
        (fourth.offset, None, [b"d", b"e"]),
        (last.offset + 1, last.offset + 1, []),
    ):
        async with asyncio.timeout(SECONDS):
            scanned = environment.log.scan(TopicPartition(environment.out, 0), begin, end)
            assert [record.value async for records in scanned for record in records] == expected


async def test_scanning_an_empty_partition_ends(environment: Environment) -> None:
    """A stage would never start for the first time."""
    assert await environment.values() == []


async def test_bounds_are_those_of_what_is_kept(environment: Environment) -> None:
    """A position outside the log would be taken for one inside, or the other way round."""
    source = TopicPartition(environment.out, 0)
    assert await environment.log.bounds(source) == Bounds(0, 0)
    session = await environment.open()
    await session.commit([environment.message(b"a"), environment.message(b"b")], 1)
    start, end = await environment.log.bounds(source)
    assert (start, end >= 2) == (0, True)  # Kafka's commit marker has an offset too


async def test_records_are_read_at_their_offsets(environment: Environment) -> None:
    """A log that was cut off and written anew would pass for the one that was read."""
    session = await environment.open()
    for values in ([b"a", b"b"], [b"c"]):
        await session.commit([environment.message(value) for value in values], 1)
    first, _, last = await environment.scan()
    async with asyncio.timeout(SECONDS):
        records = await environment.log.read_at(
            TopicPartition(environment.out, 0), [first.offset, last.offset, last.offset + 100]
        )
    values_by_offset = {offset: record and record.value for offset, record in records.items()}
    assert values_by_offset == {first.offset: b"a", last.offset: b"c"}


async def test_one_leader_wrote_a_log_without_a_change(environment: Environment) -> None:
    """What was handled would be taken for new."""
    session = await environment.open()
    await session.commit([environment.message(b"a"), environment.message(b"b")], 1)
    source = TopicPartition(environment.out, 0)
    for end in (1, 100):
        async with asyncio.timeout(SECONDS):
            assert await environment.log.leader_change(source, 0, end) is None


async def test_a_note_stands_beside_the_offset_until_the_next_commit(
    environment: Environment,
) -> None:
    """A worker would not know at its start why the one before it ended."""
    session, log = await environment.open(), environment.log
    assert await log.note(environment.group, environment.source) == ""
    await session.commit([], 3, "why")
    assert await log.note(environment.group, environment.source) == "why"
    assert await log.committed(environment.group, environment.source) == 3
    await session.commit([environment.message(b"a")], 4)
    assert await log.note(environment.group, environment.source) == ""
