"""Stories made from events: the source, the headline, the summary, the companies and the time."""

import html
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from string import Formatter
from typing import NamedTuple

from demo.feed.catalogue import Catalogue, Company, Source
from demo.feed.dice import Dice
from demo.feed.timeline import Event, busiest

START = datetime(2031, 3, 3, tzinfo=UTC)
"""The start of the feed, a Monday."""

_ENTITY_PERCENT = 20
"""Percentage of headlines whose special characters are sent as HTML entities."""

_SUMMARY_PERCENT = 55
"""Percentage of stories with a summary."""


class Story(NamedTuple):
    """An article before a producer encodes it; ``id`` is unique in the feed."""

    id: str
    published: datetime
    source: Source
    headline: str
    summary: str | None
    url: str
    tickers: tuple[str, ...]


def write_story(book: Catalogue, event: Event, number: int, dice: Dice) -> Story:
    """Write the feed's ``number``-th story, about ``event``."""
    facts = _facts(book, event.company, dice)
    phrases = (event.plan or event.topic).headlines[event.polarity]
    headline = fill(book, dice.pick(phrases), facts, dice)
    source = dice.pick(book.sources)
    published = START + timedelta(seconds=event.second)
    tickers = _mentioned(book, event.company, headline)
    letters = "".join(char if char.isascii() and char.isalnum() else " " for char in headline)
    slug = "-".join(letters.lower().split()[:6])

    printed = headline
    if dice.chance(_ENTITY_PERCENT):
        printed = html.escape(headline).replace("$", "&#36;").replace("%", "&#37;")
    summary = None
    if dice.chance(_SUMMARY_PERCENT):
        outcome = [dice.pick(book.summaries[event.polarity])] if tickers else []
        sentences = [*outcome, dice.pick(event.topic.context)]
        summary = " ".join(fill(book, sentence, facts, dice) for sentence in sentences)
    return Story(
        id=f"{published:%Y%m%d}-{number:05d}",
        published=published,
        source=source,
        headline=printed,
        summary=summary,
        url=f"https://{source.site}/{published:%Y/%m/%d}/{slug}-{number:05d}",
        tickers=tickers,
    )


def fill(book: Catalogue, template: str, facts: Mapping[str, str], dice: Dice) -> str:
    """Replace ``{placeholders}`` by facts of the story, or by words drawn from the catalogue."""
    text = ""
    for literal, name, _, _ in Formatter().parse(template):
        text += literal
        if not name:
            continue
        if fact := facts.get(name):
            text += fact
        elif name in book.words:
            text += dice.pick(book.words[name])
        else:
            number = book.numbers[name]
            text += number.form.format(dice.between(number.low, number.high))
    return text[:1].upper() + text[1:]


def _facts(book: Catalogue, company: Company, dice: Dice) -> dict[str, str]:
    others = [other for other in book.companies if other != company]
    return {
        "company": company.name,
        "ticker": company.ticker,
        "chief": company.chief,
        "industry": company.sector,
        "product": dice.pick(book.products[company.sector]),
        "other": busiest(others, dice).name,
    }


def _mentioned(book: Catalogue, main: Company, headline: str) -> tuple[str, ...]:
    """Return the tickers of the companies in the headline, that of ``main`` first."""
    mentioned = [
        company
        for company in book.companies
        if any(name in headline for name in (company.name, company.ticker, company.chief))
    ]
    return tuple(
        company.ticker for company in sorted(mentioned, key=lambda company: company != main)
    )
