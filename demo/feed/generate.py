"""The demo's feed: ten invented days of financial news, the same bytes for the same seed.

It holds ordinary news, busy hours without bad news, three planted surges of bad news, syndicated
copies, and broken messages. All counts are known by construction, so that the demo can check that
the records sent are the unique articles, their copies and the dead letters.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from demo.feed import broken
from demo.feed.catalogue import Catalogue, catalogue
from demo.feed.dice import Dice
from demo.feed.story import START, Story, write_story
from demo.feed.timeline import DAY, Event, burst, ordinary_news
from demo.feed.wire import Wire, choose_form, encode

SEED = 2031
ARTICLES = 10_000
MIN_ARTICLES = 1_000

_COPY_PERCENT = 5
"""Percentage of articles that are sent a second time."""

_IDENTICAL_COPY_PERCENT = 40
"""Percentage of copies with the same bytes as the original."""

_ARTICLES_PER_MALFORMED = 100
_OVERSIZED_MESSAGES = 3

Kind = Literal["article", "copy", "malformed", "oversized"]


class Sent(NamedTuple):
    """One record as a producer sends it.

    ``published`` is the article's time, also for a copy, which is sent later. It is None for a
    malformed message. A player paces itself by the records of kind ``article``.
    """

    key: bytes | None
    value: bytes
    headers: list[tuple[str, bytes]]
    published: datetime | None
    kind: Kind


class Surge(NamedTuple):
    """A planted surge of negative news about ``subject``, from ``start`` to ``end``."""

    subject: str
    start: datetime
    end: datetime
    note: str


class Feed(NamedTuple):
    """The records in the order of sending, and the counts that must come of them."""

    sent: list[Sent]
    surges: tuple[Surge, ...]
    unique_articles: int
    copies: int
    dead: int


class _Timed(NamedTuple):
    second: int
    sent: Sent


def generate(seed: int = SEED, articles: int = ARTICLES) -> Feed:
    """Generate a feed of ``articles`` distinct articles; 10 000 take about a second.

    All counts are proportional to ``articles``, except that in a smaller feed the surges shrink
    half as fast: with less ordinary news around them they would not differ from chance.

    Raises:
        ValueError: ``articles`` is less than `MIN_ARTICLES`.
    """
    if articles < MIN_ARTICLES:
        raise ValueError(f"a feed has at least {MIN_ARTICLES} articles, not {articles}")

    book = catalogue()
    stories = _write_stories(book, seed, articles)
    originals = [_timed(story, _original(story, seed), "article") for story in stories]
    copies = list(_copies(stories, seed))
    dead = list(_broken_messages(book, seed, articles // _ARTICLES_PER_MALFORMED))
    timed = sorted([*originals, *copies, *dead], key=lambda record: record.second)
    return Feed(
        sent=[record.sent for record in timed],
        surges=tuple(
            Surge(
                plan.subject,
                START + timedelta(seconds=plan.start),
                START + timedelta(seconds=plan.start + plan.span),
                plan.note,
            )
            for plan in book.surges
        ),
        unique_articles=articles,
        copies=len(copies),
        dead=len(dead),
    )


def _write_stories(book: Catalogue, seed: int, articles: int) -> list[Story]:
    events: list[Event] = []
    for i, plan in enumerate(book.surges + book.bursts):
        scale = max(articles, (articles + ARTICLES) // 2) if plan.subject else articles
        count = plan.articles * scale // ARTICLES
        events += burst(book, plan, count, Dice(seed, "burst", i))
    events += ordinary_news(book, articles - len(events), Dice(seed, "chatter"))
    events.sort(key=lambda event: event.second)
    return [write_story(book, event, i, Dice(seed, "story", i)) for i, event in enumerate(events)]


def _original(story: Story, seed: int) -> Wire:
    form = choose_form(Dice(seed, "form", story.id))
    return encode(story, form, Dice(seed, "wire", story.id))


def _copies(stories: Sequence[Story], seed: int) -> Iterator[_Timed]:
    dice = Dice(seed, "copies")
    for story in stories:
        if not dice.chance(_COPY_PERCENT):
            continue
        if dice.chance(_IDENTICAL_COPY_PERCENT):
            wire = _original(story, seed)
        else:
            wire = encode(story, choose_form(Dice(seed, "form", story.id)), dice)
        # Mostly minutes, at most a day: wires are quick, aggregators are not.
        delay = 1 + int(dice.fraction() * dice.fraction() * dice.fraction() * (DAY - 1))
        yield _timed(story, wire, "copy", delay)


def _broken_messages(book: Catalogue, seed: int, malformed: int) -> Iterator[_Timed]:
    dice = Dice(seed, "malformed")
    for i, story in enumerate(_extra_stories(book, malformed, dice)):
        yield _timed(story, broken.malformed(story, i, dice), "malformed")
    dice = Dice(seed, "oversized")
    for story in _extra_stories(book, _OVERSIZED_MESSAGES, dice):
        yield _timed(story, broken.oversized(story, dice), "oversized")


def _extra_stories(book: Catalogue, count: int, dice: Dice) -> Iterator[Story]:
    for event in ordinary_news(book, count, dice):
        yield write_story(book, event, ARTICLES + int(dice.fraction() * ARTICLES), dice)


def _timed(story: Story, wire: Wire, kind: Kind, delay: int = 0) -> _Timed:
    published = None if kind == "malformed" else story.published
    second = int((story.published - START).total_seconds()) + delay
    return _Timed(second, Sent(*wire, published, kind))
