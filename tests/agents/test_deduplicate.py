"""What counts as a copy, for how long, and how much of it is remembered."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scoring.article_memory import MAX_MARKS, ArticleMemory, read, spell
from agents.scoring.deduplicate import DedupeSettings, SeenKeys
from schemas.scored import ScoredArticle
from streams.core.record import Message
from streams.testing.memory_log import MemoryLog

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]
WINDOW = DedupeSettings(window=timedelta(milliseconds=100), max_keys=3)
Arrivals = list[tuple[bytes, int]]
arrivals = st.lists(
    st.tuples(st.sampled_from([b"a", b"b", b"c", b"d", b"e"]), st.integers(0, 60)), max_size=40
).map(lambda steps: [(key, sum(s for _, s in steps[: i + 1])) for i, (key, _) in enumerate(steps)])


def test_a_copy_is_known_until_the_window_ends() -> None:
    """A copy would be counted as news, or news for ever taken for a copy."""
    keys = SeenKeys(WINDOW)
    keys.add(b"a", ArticleMemory(1_000))
    assert keys.get(b"a", 1_099)
    assert keys.get(b"a", 900)
    assert not keys.get(b"a", 1_100)
    assert not keys.get(b"b", 1_000)


def test_what_has_expired_is_forgotten() -> None:
    """Memory would grow for as long as the worker runs."""
    keys = SeenKeys(WINDOW)
    for stamp in range(0, 10_000, 60):
        keys.add(b"%d" % stamp, ArticleMemory(stamp))
        assert len(keys) <= 2


def test_the_oldest_make_room_for_the_new() -> None:
    """A flood within the window would exhaust the worker's memory."""
    keys = SeenKeys(WINDOW)
    for key in (b"a", b"b", b"c", b"d"):
        keys.add(key, ArticleMemory(1_000))
    assert [key for key in (b"a", b"b", b"c", b"d") if keys.get(key, 1_000)] == [b"b", b"c", b"d"]


@pytest.mark.property
@given(arrivals)
def test_the_changelog_recalls_the_same_copies(steps: Arrivals) -> None:
    """A copy would be scored again after a restart."""
    keys = SeenKeys(WINDOW)
    changelog: dict[bytes, bytes | None] = {}
    for key, stamp in steps:
        if not keys.get(key, stamp):
            changelog.pop(key, None)
            changelog.update([keys.add(key, ArticleMemory(stamp, (stamp, 7)))])
    recalled = SeenKeys(WINDOW, changelog.items())
    now = steps[-1][1] if steps else 0
    for key in (b"a", b"b", b"c", b"d", b"e"):
        assert recalled.get(key, now) == keys.get(key, now)


async def test_the_window_is_that_of_producers_for_records_of_older_releases_too(
    log: MemoryLog, run: Run, news: News
) -> None:
    """Copies would be scored again, once, on the day of the upgrade."""
    log.append([news(1)])
    await run(log, ["ingest"])
    (accepted,) = log.read("news.accepted")
    headers = [pair for pair in accepted.headers if pair[0] != "newsquake.timestamp"]
    older = MemoryLog(partitions=log.partitions, counts=log.counts)
    for stamp in (0, 59_999, 60_000):
        older.append([Message(accepted.topic, accepted.key, accepted.value, headers, stamp)])
    await run(older, ["score"], dedupe=DedupeSettings(window=timedelta(minutes=1)))
    sent = [dict(record.headers)["newsquake.timestamp"] for record in older.read("news.scored")]
    assert sent == [b"0", b"60000"]


async def test_a_producer_far_ahead_does_not_make_score_forget(
    log: MemoryLog, run: Run, news: News
) -> None:
    """One record dated 2100 would empty the memory, and each copy after it count again."""
    log.append([news(1), news(2)._replace(timestamp=4_102_444_800_000), news(1), news(2)])
    await run(log, ["ingest", "score"])
    records = log.read("news.scored")
    headlines = [ScoredArticle.from_bytes(record.value).article.headline for record in records]
    assert sorted(headlines) == ["Headline 1", "Headline 2"]


@pytest.mark.property
@given(
    st.integers(-1, 2**62),
    st.lists(st.integers(0, 2**32 - 1), max_size=MAX_MARKS, unique=True).map(tuple),
)
def test_an_earlier_release_reads_what_is_remembered_as_a_time(
    sent: int, marks: tuple[int, ...]
) -> None:
    """A worker of the last release that takes a partition over would not start."""
    value = spell(ArticleMemory(sent, marks).pack())
    assert int(value) == sent
    assert ArticleMemory.unpack(read(value)) == ArticleMemory(sent, marks)
