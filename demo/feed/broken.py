"""Messages that no validator may let through: broken in the ways that real producers break."""

import json
from collections.abc import Callable, Mapping
from typing import Final

from demo.feed.dice import Dice
from demo.feed.story import Story
from demo.feed.wire import Body, Headers, Wire, dumps

Break = Callable[[Body, Dice], bytes]
"""A function that turns the body of a sound article into the bytes of a broken message."""

_OVERSIZED_BYTES: Final = (1_000_001, 1_040_000)
"""Sizes above our limit and below the broker's, which is 1 048 588."""


def malformed(story: Story, number: int, dice: Dice) -> Wire:
    """Return the feed's ``number``-th broken message, made of ``story``; all ways come in turn."""
    way = tuple(_WAYS)[number % len(_WAYS)]
    key = story.source.site.encode() if dice.chance(50) else None
    headers: Headers = []
    if way == "an event without data":
        headers = [("content-type", b"application/cloudevents+json")]
    if way == "an event of a future version":
        headers = [("ce_specversion", b"2.0"), ("ce_id", story.id.encode())]
    return Wire(key, _WAYS[way](_plain_body(story), dice), headers)


def oversized(story: Story, dice: Dice) -> Wire:
    """Return a sound article whose producer put the whole page into its body."""
    content = {**_plain_body(story), "id": story.id, "body": ""}
    body_bytes = dice.between(*_OVERSIZED_BYTES) - len(json.dumps(content))
    phrase = f"{story.headline}. ".encode("ascii", "ignore").decode()
    content["body"] = (phrase * (body_bytes // len(phrase) + 1))[:body_bytes]
    return Wire(None, json.dumps(content).encode(), [])


def _plain_body(story: Story) -> Body:
    return {
        "source": story.source.name,
        "headline": story.headline,
        "published": f"{story.published:%Y-%m-%dT%H:%M:%SZ}",
        "url": story.url,
        "companies": list(story.tickers),
    }


def _truncated(content: Body, dice: Dice) -> bytes:
    message = dumps(content, dice)
    return message[: dice.between(1, len(message) - 1)]


def _with_bytes_in_headline(headline: str, old: bytes, new: bytes) -> Break:
    """Return a way that gives the message ``headline``, with the bytes ``old`` replaced."""
    return lambda content, dice: dumps({**content, "headline": headline}, dice).replace(old, new)


def _always(message: bytes) -> Break:
    return lambda _content, _dice: message


def _with_one_of(field: str, *values: object) -> Break:
    return lambda content, dice: dumps({**content, field: dice.pick(values)}, dice)


_WAYS: Final[Mapping[str, Break]] = {
    "bytes of Latin-1": _with_bytes_in_headline("Café chain closes", b"Caf", b"Caf\xe9\xff"),
    "a truncated message": _truncated,
    "no headline": lambda content, dice: dumps(
        {name: value for name, value in content.items() if name != "headline"}, dice
    ),
    "Avro of a schema registry": _always(b"\0\0\0\0\x07\x02\x1aShares rise\x00"),
    "a row that was deleted": lambda content, dice: dumps(
        {"before": dict(content), "after": None, "op": "d"}, dice
    ),
    "an empty message": _always(b""),
    "an error page": _always(
        b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
    ),
    "an array of nothing": _always(b"[]"),
    "deep nesting": _always(b'{"headline":' + b"[" * 5_000 + b"]" * 5_000 + b"}"),
    "an event without data": lambda content, dice: dumps(
        {"specversion": "1.0", "id": "7", "source": content["source"]}, dice
    ),
    "an event of a future version": dumps,
    "an impossible time": _with_one_of(
        "published", "32nd of Smarch", "2031-13-45T99:00:00Z", "0001-01-01T00:00:00Z", -1
    ),
    "no usable time": _with_one_of("published", None, "", "yesterday", "9999-12-31T23:59:59Z"),
    "a headline that is no text": _with_one_of("headline", 42, [], [1, 2]),
    "a blank headline": _with_one_of("headline", "", "   ", None),
    "a count of days": _with_one_of("published", 45_989, 47_910, 22_342),
}
"""All ways to break a message, by name."""
