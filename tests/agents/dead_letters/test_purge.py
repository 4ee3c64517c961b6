"""Old letters are deleted, and those that wait are not."""

from collections import Counter
from collections.abc import Callable

from agents.dead_letters.purge import forgotten_replay_records, plan_purge
from agents.dead_letters.replay import DeadTopics, carry_out, commit_all, open_session
from agents.dead_letters.replay_records import read_replay_records
from streams.core.record import TopicPartition
from streams.testing.memory_log import MemoryLog
from tests.agents.dead_letters.conftest import Job

FUTURE = 1 << 60


async def test_a_letter_that_waits_is_kept_with_all_after_it(
    log: MemoryLog, fill: Callable[..., None], job_of: Job, topics: DeadTopics
) -> None:
    """Records that nobody has looked at would be gone for good."""
    fill(log, [b"%d" % number for number in range(40)])
    await carry_out(log, topics, job_of(30))
    result = await plan_purge(log, topics, FUTURE, with_waiting=False)
    assert result.states == Counter({"replayed": 30})
    (obstacle,) = result.obstacles
    ends = [log.end(source) for source in topics.sources]
    assert result.ends[TopicPartition("news.dead", 0)] == ends[0]
    assert result.ends[TopicPartition("news.dead", 1)] == obstacle.record.offset < ends[1]
    seen: list[object] = []
    everything = await plan_purge(
        log, topics, FUTURE, with_waiting=True, look=lambda letter: seen.append(letter.address)
    )
    assert len(seen) == 40  # a bar that stands still would look like a command that hangs
    assert everything.states == Counter({"replayed": 30, "waiting": 10})
    assert everything.obstacles == []


async def test_only_letters_before_the_time_are_deleted(
    log: MemoryLog, fill: Callable[..., None], topics: DeadTopics
) -> None:
    """Yesterday's letters would go with last month's."""
    fill(log, [b"1", b"2", b"3"])
    oldest = min(record.timestamp for record in log.read("news.dead"))
    result = await plan_purge(log, topics, oldest, with_waiting=True)
    assert (result.ends, result.states) == ({}, Counter())


async def test_replay_records_of_deleted_letters_are_forgotten(
    log: MemoryLog, fill: Callable[..., None], job_of: Job, topics: DeadTopics
) -> None:
    """Replay records would pile up for ever, and each replay read all of them."""
    fill(log, [b"%d" % number for number in range(40)])
    await carry_out(log, topics, job_of())
    source = topics.sources[0]
    log.delete_before(source, log.end(source))
    tombstones = await forgotten_replay_records(
        log, topics, await read_replay_records(log, topics.replays)
    )
    assert {message.value for message in tombstones} == {None}
    assert len(tombstones) == log.end(source)
    await commit_all(await open_session(log, topics), tombstones, 1)
    replayed = await read_replay_records(log, topics.replays)
    assert await forgotten_replay_records(log, topics, replayed) == []
    dead = log.read("news.dead")
    assert [replayed.find(record) is not None for record in dead] == [
        record.partition == 1 for record in dead
    ]
