"""Events before they become text: when something happens, to which company, good or bad.

News excites news: an event has follow-ups, which have follow-ups (a branching process as in
Hawkes, J. R. Stat. Soc. B 33, 1971), so ordinary news comes in clusters. Planned bursts and surges
are dense clusters on top of it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from demo.feed.catalogue import POLARITIES, Catalogue, Company, Plan, Topic
from demo.feed.dice import Dice

DAYS = 10
DAY = 86_400
HOUR = 3_600

_HOUR_RATES = (3, 3, 3, 3, 4, 6, 10, 13, 12, 10, 9, 10, 13, 15, 15, 13, 12, 10, 8, 8, 9, 6, 4, 3)
"""Relative articles per hour of the day (UTC): Asia, then Europe, then America, then quiet."""

_WEEKDAY_RATES = (10, 11, 11, 11, 9, 2, 3)
"""Relative articles per day of the week, Monday first; the feed starts on a Monday."""

_SLOTS = tuple(range(DAYS * 24))
_SLOT_RATES = tuple(_HOUR_RATES[slot % 24] * _WEEKDAY_RATES[slot // 24 % 7] for slot in _SLOTS)

_FOLLOW_UP_PERCENT = 30
"""Percentage of events with one more follow-up."""

_SAME_POLARITY_PERCENT = 60
"""Percentage of follow-ups with the polarity of the event that they follow."""

_MAX_FOLLOW_UP_SECONDS = 5 * HOUR


class Event(NamedTuple):
    """Something to write about, ``second`` seconds after the feed's start."""

    second: int
    topic: Topic
    polarity: str
    company: Company
    plan: Plan | None = None


def ordinary_news(book: Catalogue, count: int, dice: Dice) -> list[Event]:
    """Return ``count`` (at least 1) ordinary events with their follow-ups, in no order."""
    topics = tuple(book.topics.values())
    events: list[Event] = []
    while True:
        topic = dice.weighted(topics, [topic.weight for topic in topics])
        first = Event(
            second=dice.weighted(_SLOTS, _SLOT_RATES) * HOUR + dice.between(0, HOUR - 1),
            topic=topic,
            polarity=dice.weighted(POLARITIES, topic.mix),
            company=busiest(book.companies, dice),
        )
        waiting = [first]
        while waiting:
            event = waiting.pop()
            events.append(event)
            if len(events) == count:
                return events
            while dice.chance(_FOLLOW_UP_PERCENT):
                waiting += _follow_up(event, dice)


def burst(book: Catalogue, plan: Plan, count: int, dice: Dice) -> list[Event]:
    """Return the ``count`` events of a burst or surge, dense at first and then fewer."""
    companies = [company for company in book.companies if company.ticker in plan.tickers]
    events = []
    for _ in range(count):
        fraction = dice.fraction()
        event = Event(
            second=plan.start + int(plan.span * (fraction + fraction * fraction) / 2),
            topic=book.topics[plan.topic],
            polarity=dice.weighted(POLARITIES, plan.mix),
            company=dice.pick(companies) if companies else busiest(book.companies, dice),
            plan=plan if plan.headlines else None,
        )
        events.append(event)
    return events


def busiest(companies: Sequence[Company], dice: Dice) -> Company:
    """Draw a company as the press would: the n-th in proportion to 1 / n (Zipf's law)."""
    return dice.weighted(companies, [1 / rank for rank in range(1, len(companies) + 1)])


def _follow_up(event: Event, dice: Dice) -> list[Event]:
    """Return a later event about the same company, or none if it would be after the feed's end."""
    delay = 60 + int(dice.fraction() * dice.fraction() * _MAX_FOLLOW_UP_SECONDS)
    polarity = event.polarity
    if not dice.chance(_SAME_POLARITY_PERCENT):
        polarity = dice.weighted(POLARITIES, event.topic.mix)
    second = event.second + delay
    return [event._replace(second=second, polarity=polarity)] if second < DAYS * DAY else []
