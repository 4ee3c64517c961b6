"""Records made from stories, in the many ways in which producers send the same thing.

A story has the same form in all its copies, since the form says what the article's identity is
made of. Its style, the producer's choice of names, dates and order, may differ between copies.
"""

import json
from datetime import timedelta, timezone
from email.utils import format_datetime
from typing import Any, Literal, NamedTuple

from demo.feed.dice import Dice
from demo.feed.story import Story

Form = Literal["id", "content", "header", "binary", "structured"]
"""The article's identity: the body's (source, id), the content, a header, or the attributes of a
CloudEvent in binary or structured mode."""

Body = dict[str, Any]
Headers = list[tuple[str, bytes]]

_FORMS: tuple[Form, ...] = ("id", "content", "header", "binary", "structured")
_FORM_SHARES = (54, 14, 8, 14, 10)
_NAMES = {
    "headline": ("headline", "title"),
    "url": ("url", "link"),
    "published": ("published", "published_at", "pubDate"),
    "summary": ("summary", "description"),
    "companies": ("companies", "tickers", "symbols"),
}
_DATES = ("zulu", "zulu", "offset", "rfc822", "rfc822", "gmt", "unix")
_PRODUCERS = (b"wire-gateway-1", b"wire-gateway-2", b"rss-poller", b"syndicate")
_EVENT_TYPE = "news.article.published"


class Wire(NamedTuple):
    """The key, value and headers of a Kafka record."""

    key: bytes | None
    value: bytes
    headers: Headers


def choose_form(dice: Dice) -> Form:
    """Draw the form of a story."""
    return dice.weighted(_FORMS, _FORM_SHARES)


def encode(story: Story, form: Form, dice: Dice) -> Wire:
    """Return the record of a story, in a style drawn from ``dice``."""
    content = body(story, dice)
    if form == "id":
        content = shuffled({"id": story.id, **content}, dice)
    elif form == "structured":
        content = {
            "specversion": "1.0",
            "type": _EVENT_TYPE,
            "source": f"https://{story.source.site}/feed",
            "id": story.id,
            "time": f"{story.published:%Y-%m-%dT%H:%M:%SZ}",
            "datacontenttype": "application/json",
            "data": content,
        }

    headers = _identity_headers(story, form)
    if dice.chance(50):
        headers.append(("producer", dice.pick(_PRODUCERS)))
    ticker = story.tickers[0] if story.tickers else None
    key = dice.pick((None, story.source.site, story.id, ticker))
    return Wire(key.encode() if key else None, dumps(content, dice), headers)


def body(story: Story, dice: Dice) -> Body:
    """Return the article's JSON object without an id, in one of the accepted spellings."""
    fields = {
        "headline": story.headline,
        "url": story.url,
        "published": _date(story, dice),
        "summary": story.summary,
        "companies": _companies(story, dice),
    }
    spelled = {dice.pick(_NAMES[field]): value for field, value in fields.items() if value}
    extras: Body = {"language": "en"} if dice.chance(40) else {}
    if dice.chance(15):
        extras["section"] = dice.pick(("Companies", "Markets", "Business", "Wires"))
    if dice.chance(10):
        extras["word_count"] = dice.between(60, 1400)
    return shuffled({"source": story.source.name, **spelled, **extras}, dice)


def shuffled(content: Body, dice: Dice) -> Body:
    """Return the same object with its fields in another order."""
    return dict(dice.shuffled(list(content.items())))


def dumps(content: object, dice: Dice) -> bytes:
    """Return JSON, compact or with blanks, in UTF-8 or escaped to ASCII."""
    separators = dice.pick(((",", ":"), (", ", ": ")))
    ascii_only = dice.chance(30)
    return json.dumps(content, ensure_ascii=ascii_only, separators=separators).encode()


def _date(story: Story, dice: Dice) -> str | int:
    moment = story.published
    match dice.pick(_DATES):
        case "zulu":
            return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        case "offset":
            zone = timezone(timedelta(hours=dice.between(-8, 9)))
            return moment.astimezone(zone).isoformat()
        case "unix":
            return int(moment.timestamp())
        case style:
            return format_datetime(moment, usegmt=style == "gmt")


def _companies(story: Story, dice: Dice) -> list[str] | str:
    spelling = dice.weighted(("list", "text", "cashtag", "lower"), (85, 6, 5, 4))
    if spelling == "text":
        return ", ".join(story.tickers)
    if spelling == "cashtag":
        return [f"${ticker}" for ticker in story.tickers]
    return [ticker.lower() if spelling == "lower" else ticker for ticker in story.tickers]


def _identity_headers(story: Story, form: Form) -> Headers:
    if form == "header":
        return [("idempotency-key", f"{story.source.site}:{story.id}".encode())]
    if form == "structured":
        return [("content-type", b"application/cloudevents+json; charset=UTF-8")]
    if form != "binary":
        return []
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", story.id.encode()),
        ("ce_source", f"https://{story.source.site}/feed".encode()),
        ("ce_type", _EVENT_TYPE.encode()),
        ("ce_time", f"{story.published:%Y-%m-%dT%H:%M:%SZ}".encode()),
        ("content-type", b"application/json"),
    ]
