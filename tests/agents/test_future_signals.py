"""News from the future: it never sets the detector's clock."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from detection.rule import Rule
from schemas.article import Article
from schemas.signal import Signal
from streams.core.record import Message, Stored
from streams.testing.memory_log import MemoryLog

Run = Callable[..., Awaitable[None]]
News = Callable[..., Message]
Planted = Callable[..., Awaitable[list[Stored]]]
Detecting = Callable[..., Any]
DAY = 86_400


async def test_news_from_the_future_is_set_aside(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """One article with a wrong date would make all news after it late, for ever."""
    signals = await planted(log)
    sound = Signal.from_bytes(signals[0].value)
    future = sound.model_copy(
        update={"key": "future", "published": datetime(2099, 1, 1, tzinfo=UTC)}
    )
    wrong = signals[0]._replace(offset=10_000, value=future.to_bytes())
    detector, undisturbed = detecting(), detecting()
    for current, records in ((detector, [*signals[:3], wrong]), (undisturbed, signals[:3])):
        await current.read(records)
        assert len(current.memory.ordering) > 0
        current.restart()
        await current.read(signals[3:])
        await current.wait(31)
        await current.wait(30 * DAY)
    assert [rejection.record.value for rejection in detector.rejections] == [wrong.value]
    assert detector.alerts == undisturbed.alerts != []


async def test_a_feed_that_is_dated_in_the_future_is_counted_on_request(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """A rehearsal with invented dates would end among the dead letters."""
    signals = [record._replace(timestamp=0) for record in await planted(log)]
    detector = detecting(Rule(max_ahead=timedelta(days=36_500)))
    await detector.read(signals)
    assert detector.rejections == []


def misdated(record: Stored, sent: datetime) -> Stored:
    """Return a signal like ``record``, written then and dated 2034."""
    fields = {"key": "first", "published": datetime(2034, 3, 16, tzinfo=UTC)}
    value = Signal.from_bytes(record.value).model_copy(update=fields).to_bytes()
    return record._replace(value=value, timestamp=round(sent.timestamp() * 1000))


async def test_a_first_signal_from_the_future_does_not_set_the_clock(
    log: MemoryLog, planted: Planted, detecting: Detecting
) -> None:
    """One misdated first item would make all good news late until its date."""
    signals = await planted(log)
    first = misdated(signals[0], datetime(2026, 11, 28, tzinfo=UTC))
    detector, undisturbed = detecting(), detecting()
    await detector.read([first])
    await detector.wait(40)
    for current in (detector, undisturbed):
        await current.read(signals)
        await current.wait(31)
        await current.wait(30 * DAY)
    assert [rejection.reason for rejection in detector.rejections] == ["invalid"]
    assert detector.alerts == undisturbed.alerts != []
    assert sum(detector.memory.late) == 0


@pytest.mark.parametrize("released", [True, False])
async def test_a_clock_that_an_earlier_release_let_into_the_future_is_healed(
    log: MemoryLog, planted: Planted, detecting: Detecting, released: bool
) -> None:
    """An upgrade would not help whoever met a misdated first item before."""
    signals = await planted(log)
    first = misdated(signals[0], datetime(2026, 11, 28, tzinfo=UTC))
    poisoned = detecting(Rule(max_ahead=timedelta(days=36_500)))
    await poisoned.read([first])
    if released:
        await poisoned.wait(1)
        await poisoned.wait(40)
    healed, undisturbed = detecting(), detecting()
    healed.changelog, healed.log = poisoned.changelog, poisoned.log
    healed.restart()
    for current in (healed, undisturbed):
        await current.read(signals[:50])
        current.restart()
        await current.read(signals[50:])
        await current.wait(31)
        await current.wait(30 * DAY)
    assert healed.alerts == undisturbed.alerts != []
    assert sum(healed.memory.late) == 0


async def test_an_article_says_that_it_is_dated_in_the_future(
    log: MemoryLog, run: Run, news: News
) -> None:
    """Nobody would see in `news.scored` why an article is in no alert."""
    day, sent = 86_400_000, 1_709_251_200_000  # 2024-03-01
    for number, hours in enumerate((0, 23, 25, 24 * 3_650)):
        log.append([news(number, hours=hours)._replace(timestamp=sent)])
    await run(log, ["ingest"])
    accepted = [Article.from_bytes(record.value) for record in log.read("news.accepted")]
    accepted.sort(key=lambda article: article.published)
    marks = [article.extra.get("newsquake_in_future") for article in accepted]
    assert [bool(mark) for mark in marks] == [False, False, True, True]
    assert str(marks[-1]).startswith("published lies after the time of sending")
    later = MemoryLog(partitions=2)
    later.append([news(3, hours=25)._replace(timestamp=sent + day)])
    later.append([news(4, hours=25)._replace(timestamp=sent)])
    await run(later, ["ingest"], rule=Rule(max_ahead=timedelta(days=2)))
    accepted = [Article.from_bytes(record.value) for record in later.read("news.accepted")]
    assert [*map(sorted, (article.extra for article in accepted))] == [["id"], ["id"]]
