"""Messages that no validator may let through: broken in the ways that real producers break."""

import json
from collections.abc import Callable, Iterator

from demo.feed.dice import Dice
from demo.feed.story import Story
from demo.feed.wire import Body, Wire, dumps

Break = Callable[[Body, Dice], bytes]

_OVERSIZED = (1_000_001, 1_040_000)  # over our limit, under the broker's 1 048 588


def malformed(story: Story, which: int, dice: Dice) -> Wire:
    """Break a story in the ``which``-th way; all ways come up in turn."""
    ruin = _WAYS[which % len(_WAYS)]
    key = story.source.site.encode() if dice.chance(50) else None
    return Wire(key, ruin(_plain(story), dice), _headers(story, ruin))


def oversized(story: Story, dice: Dice) -> Wire:
    """Return a sound article whose producer put the whole page into its body."""
    content = {**_plain(story), "id": story.id, "body": ""}
    room = dice.between(*_OVERSIZED) - len(json.dumps(content))
    phrase = f"{story.headline}. ".encode("ascii", "ignore").decode()
    content["body"] = (phrase * (room // len(phrase) + 1))[:room]
    return Wire(None, json.dumps(content).encode(), [])


def _plain(story: Story) -> Body:
    return {
        "source": story.source.name,
        "headline": story.headline,
        "published": f"{story.published:%Y-%m-%dT%H:%M:%SZ}",
        "url": story.url,
        "companies": list(story.tickers),
    }


def _headers(story: Story, ruin: Break) -> list[tuple[str, bytes]]:
    if ruin is _no_data:
        return [("content-type", b"application/cloudevents+json")]
    if ruin is _future_version:
        return [("ce_specversion", b"2.0"), ("ce_id", story.id.encode())]
    return []


def _latin_1(content: Body, dice: Dice) -> bytes:
    return dumps({**content, "headline": "Café chain closes"}, dice).replace(b"Caf", b"Caf\xe9\xff")


def _truncated(content: Body, dice: Dice) -> bytes:
    whole = dumps(content, dice)
    return whole[: dice.between(1, len(whole) - 1)]


def _no_headline(content: Body, dice: Dice) -> bytes:
    return dumps({name: value for name, value in content.items() if name != "headline"}, dice)


def _with(field: str, *values: object) -> Break:
    return lambda content, dice: dumps({**content, field: dice.pick(values)}, dice)


def _not_a_number(content: Body, dice: Dice) -> bytes:
    return dumps({**content, "score": float("nan")}, dice)


def _lone_surrogate(content: Body, dice: Dice) -> bytes:
    return dumps({**content, "headline": "Shares \0 rise"}, dice).replace(rb"\u0000", rb"\ud83d")


def _empty(_content: Body, _dice: Dice) -> bytes:
    return b""


def _error_page(_content: Body, _dice: Dice) -> bytes:
    return b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


def _array(content: Body, dice: Dice) -> bytes:
    return dumps([content], dice)


def _nested(_content: Body, _dice: Dice) -> bytes:
    return b'{"headline":' + b"[" * 5_000 + b"]" * 5_000 + b"}"


def _no_data(content: Body, dice: Dice) -> bytes:
    return dumps({"specversion": "1.0", "id": "7", "source": content["source"]}, dice)


def _future_version(content: Body, dice: Dice) -> bytes:
    return dumps(content, dice)


def _ways() -> Iterator[Break]:
    yield from (_latin_1, _truncated, _no_headline, _not_a_number, _lone_surrogate, _empty)
    yield from (_error_page, _array, _nested, _no_data, _future_version)
    yield _with("published", "32nd of Smarch", "2031-13-45T99:00:00Z", "0001-01-01T00:00:00Z", -1)
    yield _with("published", None, "", "yesterday", "9999-12-31T23:59:59Z")
    yield _with("headline", 42, ["Shares rise"], {"text": "Shares rise"})
    yield _with("headline", "", "   ", None)
    yield _with("companies", 7, {"ticker": "NGLS"}, [["NGLS"]], [1, 2])


_WAYS = tuple(_ways())
