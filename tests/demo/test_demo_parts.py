"""The demo's pacing, lag, tasks and environment."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from agents.cluster_layout import ClusterLayout
from demo.feed.generate import MIN_ARTICLES, Kind, Sent, generate
from demo.lag import behind
from demo.player import schedule
from demo.run import environment, run_beside
from streams.core.record import TopicPartition

START = datetime(2031, 3, 3, tzinfo=UTC)


def test_the_feed_takes_as_long_as_asked_and_never_goes_back() -> None:
    """The demo would be over in a blink, or send a record before its turn."""
    due = schedule(generate(articles=MIN_ARTICLES).sent, 26.0)
    assert due == sorted(due)
    assert (due[0], round(max(due), 6)) == (0.0, 26.0)


def test_a_late_copy_goes_with_the_record_before_it() -> None:
    """A copy, which has the time of its original, would be sent in the past."""

    def sent(hours: int, kind: Kind) -> Sent:
        return Sent(None, b"", [], START + timedelta(hours=hours), kind)

    items = [sent(0, "article"), sent(5, "article"), sent(0, "copy"), sent(10, "article")]
    assert schedule(items, 10.0) == [0.0, 5.0, 5.0, 10.0]


def test_lag_counts_records_of_one_topic() -> None:
    """The demo would wait forever for records of other topics, or for transaction markers."""
    heads = {TopicPartition("a", 0): 10, TopicPartition("a", 1): 4, TopicPartition("b", 0): 9}
    assert behind("a", heads, {TopicPartition("a", 0): 7, TopicPartition("a", 1): 6}) == 3
    assert behind("b", heads, {}) == 9


async def test_a_failure_beside_the_main_task_ends_it() -> None:
    """The demo would wait for its time-out after the reader failed."""

    async def fail() -> None:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await run_beside(asyncio.sleep(60), fail())


async def test_the_other_tasks_are_cancelled_at_the_end() -> None:
    """The demo would never end: its reader reads forever."""
    ended = asyncio.Event()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def main() -> int:
        await asyncio.sleep(0)
        return 7

    assert await run_beside(main(), forever()) == 7
    assert ended.is_set()


def test_workers_do_not_get_the_users_settings() -> None:
    """The demo would work on the Kafka that the user set for real work."""
    user = {"PATH": "/bin", "NEWSQUAKE_KAFKA__PREFIX": "eu.", "NEWSQUAKE_KAFKA__BOOTSTRAP": "x:1"}
    workers = environment(user, ClusterLayout(bootstrap="127.0.0.1:5"))
    assert workers["NEWSQUAKE_KAFKA__BOOTSTRAP"] == "127.0.0.1:5"
    assert workers["PATH"] == "/bin"
    assert "NEWSQUAKE_KAFKA__PREFIX" not in workers
