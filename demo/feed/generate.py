"""The demo's feed: ten invented days of financial news, the same bytes for the same seed.

Ordinary chatter, busy days that are nobody's catastrophe, three planted surges of bad news,
syndicated copies, and what producers get wrong. Everything is known by construction, so the demo
can close its account: sent = unique articles + copies + dead.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Literal, NamedTuple

from demo.feed import broken
from demo.feed.catalogue import Catalogue, Plan, catalogue
from demo.feed.dice import Dice
from demo.feed.story import START, Story, tell
from demo.feed.timeline import DAY, Event, chatter, planned
from demo.feed.wire import Form, Wire, choose_form, encode

SEED = 2031
ARTICLES = 10_000
FEWEST = 1_000

_COPIES = 5  # percent of articles sent a second time
_IDENTICAL = 40  # percent of copies that are the same bytes again
_MALFORMED = 100  # one message for so many articles
_OVERSIZED = 3

Kind = Literal["article", "copy", "malformed", "oversized"]


class Sent(NamedTuple):
    """One record as a producer sends it.

    ``published`` is the article's time, a copy's as well, which is sent later than that; None where
    the message is malformed. A player paces itself by the records of kind ``article``.
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
    """What is sent, in the order of sending, and what must come of it."""

    sent: list[Sent]
    surges: tuple[Surge, ...]
    unique_articles: int
    copies: int
    dead: int


class _Timed(NamedTuple):
    at: int
    sent: Sent


def generate(seed: int = SEED, articles: int = ARTICLES) -> Feed:
    """Make a feed of ``articles`` distinct articles.

    Pure; about a second for 10 000. All scales with ``articles``, but in a smaller feed the surges
    shrink half as fast: against so little chatter they would be too few to be told from chance.

    Raises:
        ValueError: ``articles`` is less than `FEWEST`.
    """
    if articles < FEWEST:
        raise ValueError(f"a feed has at least {FEWEST} articles, not {articles}")
    book = catalogue()
    stories = _stories(book, seed, articles)
    copies = list(_copies(stories, seed))
    dead = [*_malformed(book, seed, articles // _MALFORMED), *_oversized(book, seed)]
    timed = sorted(chain(_articles(stories, seed), copies, dead), key=lambda item: item.at)
    return Feed(
        sent=[item.sent for item in timed],
        surges=tuple(map(_surge, book.surges)),
        unique_articles=articles,
        copies=len(copies),
        dead=len(dead),
    )


def _surge(plan: Plan) -> Surge:
    start = START + timedelta(seconds=plan.start)
    return Surge(plan.subject, start, start + timedelta(seconds=plan.span), plan.note)


def _stories(book: Catalogue, seed: int, articles: int) -> list[Story]:
    bursts = list(_bursts(book, seed, articles))
    rest = chatter(book, articles - len(bursts), Dice(seed, "chatter"))
    events = sorted([*bursts, *rest], key=lambda event: event.at)
    return [tell(book, event, i, Dice(seed, "story", i)) for i, event in enumerate(events)]


def _bursts(book: Catalogue, seed: int, articles: int) -> Iterator[Event]:
    for i, plan in enumerate(book.surges + book.bursts):
        scale = max(articles, (articles + ARTICLES) // 2) if plan.subject else articles
        count = plan.articles * scale // ARTICLES
        yield from planned(book, plan, count, Dice(seed, "burst", i))


def _articles(stories: Iterable[Story], seed: int) -> Iterator[_Timed]:
    for story in stories:
        yield _timed(story, _first(story, seed), "article")


def _first(story: Story, seed: int) -> Wire:
    return encode(story, _form(story, seed), Dice(seed, "wire", story.id))


def _form(story: Story, seed: int) -> Form:
    return choose_form(Dice(seed, "form", story.id))


def _copies(stories: Iterable[Story], seed: int) -> Iterator[_Timed]:
    dice = Dice(seed, "copies")
    for story in stories:
        if dice.chance(_COPIES):
            same = dice.chance(_IDENTICAL)
            wire = _first(story, seed) if same else encode(story, _form(story, seed), dice)
            yield _timed(story, wire, "copy", _lag(dice))


def _lag(dice: Dice) -> int:
    """Return seconds, mostly minutes, at most a day: wires are quick, aggregators are not."""
    return 1 + int(dice.fraction() * dice.fraction() * dice.fraction() * (DAY - 1))


def _malformed(book: Catalogue, seed: int, count: int) -> Iterator[_Timed]:
    dice = Dice(seed, "malformed")
    for i, story in enumerate(_extra_stories(book, count, dice)):
        yield _timed(story, broken.malformed(story, i, dice), "malformed")


def _oversized(book: Catalogue, seed: int) -> Iterator[_Timed]:
    dice = Dice(seed, "oversized")
    for story in _extra_stories(book, _OVERSIZED, dice):
        yield _timed(story, broken.oversized(story, dice), "oversized")


def _extra_stories(book: Catalogue, count: int, dice: Dice) -> Iterator[Story]:
    for event in chatter(book, count, dice):
        yield tell(book, event, ARTICLES + int(dice.fraction() * ARTICLES), dice)


def _timed(story: Story, wire: Wire, kind: Kind, lag: int = 0) -> _Timed:
    published = None if kind == "malformed" else story.published
    at = int((story.published - START).total_seconds()) + lag
    return _Timed(at, Sent(*wire, published, kind))
