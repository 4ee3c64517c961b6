"""From an event to a story: who wrote what about it, where and when."""

import html
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from string import Formatter
from typing import NamedTuple

from demo.feed.catalogue import Catalogue, Company, Source
from demo.feed.dice import Dice
from demo.feed.timeline import Event, busiest

START = datetime(2031, 3, 3, tzinfo=UTC)

_ENTITIES = 20  # percent of titles whose special characters are sent as HTML entities
_SUMMARY = 55  # percent of stories with a summary


class Story(NamedTuple):
    """An article, before any producer has put it on the wire. ``id`` is unique in the feed."""

    id: str
    published: datetime
    source: Source
    headline: str
    summary: str | None
    url: str
    tickers: tuple[str, ...]


def tell(book: Catalogue, event: Event, number: int, dice: Dice) -> Story:
    """Write the feed's ``number``-th story, about ``event``."""
    facts = _facts(book, event.company, dice)
    phrases = (event.plan or event.topic).headlines[event.polarity]
    headline = fill(book, dice.pick(phrases), facts, dice)
    source = dice.pick(book.sources)
    published = START + timedelta(seconds=event.at)
    tickers = _mentioned(book, event, headline)
    return Story(
        id=f"{published:%Y%m%d}-{number:05d}",
        published=published,
        source=source,
        headline=_with_entities(headline) if dice.chance(_ENTITIES) else headline,
        summary=_summary(book, event, facts, dice, named=bool(tickers)),
        url=f"https://{source.site}/{published:%Y/%m/%d}/{_slug(headline)}-{number:05d}",
        tickers=tickers,
    )


def fill(book: Catalogue, template: str, facts: Mapping[str, str], dice: Dice) -> str:
    """Replace ``{placeholders}``: by what is known of the story, else each on its own draw."""
    text = "".join(
        literal + (facts.get(name) or _word(book, name, dice) if name else "")
        for literal, name, _, _ in Formatter().parse(template)
    )
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


def _summary(
    book: Catalogue, event: Event, facts: Mapping[str, str], dice: Dice, *, named: bool
) -> str | None:
    if not dice.chance(_SUMMARY):
        return None
    outcome = [dice.pick(book.summaries[event.polarity])] if named else []
    phrases = [*outcome, dice.pick(event.topic.context)]
    return " ".join(fill(book, phrase, facts, dice) for phrase in phrases)


def _word(book: Catalogue, name: str, dice: Dice) -> str:
    if name in book.words:
        return dice.pick(book.words[name])
    number = book.numbers[name]
    return number.form.format(dice.between(number.low, number.high))


def _mentioned(book: Catalogue, event: Event, headline: str) -> tuple[str, ...]:
    named = [company for company in book.companies if _names(headline, company)]
    return tuple(company.ticker for company in sorted(named, key=lambda it: it != event.company))


def _names(headline: str, company: Company) -> bool:
    return any(name in headline for name in (company.name, company.ticker, company.chief))


def _with_entities(headline: str) -> str:
    return html.escape(headline).replace("$", "&#36;").replace("%", "&#37;")


def _slug(headline: str) -> str:
    letters = (char if char.isascii() and char.isalnum() else " " for char in headline.lower())
    return "-".join("".join(letters).split()[:6])
