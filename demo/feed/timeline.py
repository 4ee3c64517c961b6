"""When something happens, to whom, and whether it is good: events before they become text.

News excites news: an event has follow-ups, which have follow-ups (a branching process in the
manner of Hawkes, J. R. Stat. Soc. B 33, 1971), so ordinary chatter comes in clusters. Planned
bursts and surges are dense clusters on top of it.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from demo.feed.catalogue import POLARITIES, Catalogue, Company, Plan, Topic
from demo.feed.dice import Dice

DAYS = 10
DAY = 86_400
HOUR = 3_600

# Articles per hour of day in UTC, relative: Asia's morning, Europe's opening, America's, quiet.
_HOURS = (3, 3, 3, 3, 4, 6, 10, 13, 12, 10, 9, 10, 13, 15, 15, 13, 12, 10, 8, 8, 9, 6, 4, 3)
# Monday first. The feed starts on a Monday.
_WEEKDAYS = (10, 11, 11, 11, 9, 2, 3)
_SLOTS = tuple(range(DAYS * 24))
_RATES = tuple(_HOURS[slot % 24] * _WEEKDAYS[slot // 24 % 7] for slot in _SLOTS)

_FOLLOW_UP = 30  # percent of events with one follow-up more
_SAME_TONE = 60  # percent of follow-ups that keep the polarity of what they follow
_FOLLOW_SPAN = 5 * HOUR


class Event(NamedTuple):
    """Something to write about, ``at`` seconds after the feed's start."""

    at: int
    topic: Topic
    polarity: str
    company: Company
    plan: Plan | None = None


def chatter(book: Catalogue, count: int, dice: Dice) -> list[Event]:
    """Return ``count`` ordinary events with their follow-ups, in no order."""
    return list(islice(_clusters(book, dice), count))


def planned(book: Catalogue, plan: Plan, count: int, dice: Dice) -> list[Event]:
    """Return the ``count`` events of a burst or surge: dense at first, then fading."""
    return [_burst_event(book, plan, dice) for _ in range(count)]


def busiest(companies: Sequence[Company], dice: Dice) -> Company:
    """Draw a company as the press would: the n-th in proportion to 1 / n (Zipf's law)."""
    return dice.weighted(companies, [1 / place for place in range(1, len(companies) + 1)])


def _clusters(book: Catalogue, dice: Dice) -> Iterator[Event]:
    while True:
        waiting = [_root(book, dice)]
        while waiting:
            event = waiting.pop()
            yield event
            while dice.chance(_FOLLOW_UP):
                waiting += _follow_up(event, dice)


def _root(book: Catalogue, dice: Dice) -> Event:
    topics = tuple(book.topics.values())
    topic = dice.weighted(topics, [each.weight for each in topics])
    return Event(
        at=dice.weighted(_SLOTS, _RATES) * HOUR + dice.between(0, HOUR - 1),
        topic=topic,
        polarity=dice.weighted(POLARITIES, topic.mix),
        company=busiest(book.companies, dice),
    )


def _follow_up(event: Event, dice: Dice) -> list[Event]:
    at = event.at + 60 + int(dice.fraction() * dice.fraction() * _FOLLOW_SPAN)
    same = dice.chance(_SAME_TONE)
    polarity = event.polarity if same else dice.weighted(POLARITIES, event.topic.mix)
    return [event._replace(at=at, polarity=polarity)] if at < DAYS * DAY else []


def _burst_event(book: Catalogue, plan: Plan, dice: Dice) -> Event:
    late = dice.fraction()
    named = [company for company in book.companies if company.ticker in plan.tickers]
    return Event(
        at=plan.start + int(plan.span * (late + late * late) / 2),
        topic=book.topics[plan.topic],
        polarity=dice.weighted(POLARITIES, plan.mix),
        company=dice.pick(named) if named else busiest(book.companies, dice),
        plan=plan if plan.headlines else None,
    )
