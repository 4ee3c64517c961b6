"""The usual form of an item is read in one go, and as any other item is."""

import math
from copy import deepcopy
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.incoming.aliases import ALIASES
from schemas.incoming.cloudevents import Event
from schemas.incoming.fields import Fields
from schemas.incoming.item import Origin, Reading, read_item
from schemas.incoming.plain.item import read_plain
from schemas.incoming.profiles.profile import Profiles
from schemas.incoming.profiles.shipped import shipped
from schemas.incoming.reading import read_record
from schemas.refusal import Refusal

USUAL: dict[str, Any] = {
    "id": "7-11",
    "source": "Wire",
    "headline": "Acme: profit falls",
    "summary": "Costs <b>rose</b> &amp; sales fell.",
    "url": "https://news.example/7-11",
    "published": "2026-03-03T09:30:00+00:00",
    "companies": ["ACME", "EMC", "ACME"],
    "language": "English",
    "mood": {"fear": 3},
}
ODD: tuple[Any, ...] = (
    *("", " ", "-", "n/a", "unknown", "  two  spaces ", "\x00", "Wire\n", "<p></p>", "0"),
    *("https://news.example", "http://a.example/1", "www.example", "e\u0301", "x" * 5_000),
    *("2026-03-03", "2026-03-03T09:30:00", "2099-01-01T00:00:00Z", "3 Mar 2026 09:30 EST", "soon"),
    *(None, True, 0, 7, 1.5, [], ["ACME"], ["acme inc"], ["USD"], [None], {}, {"name": "Wire"}),
)
VALUES = st.sampled_from(ODD) | st.sampled_from([*USUAL.values()]) | st.text(max_size=40)
NAMES = st.sampled_from([name for names in ALIASES.values() for name in names]) | st.sampled_from(
    ["timezone", "deleted", "is_deleted", "specversion", "item", "items", "entry", "ce_time", "x"]
)
CHANGES = st.dictionaries(NAMES, VALUES, max_size=3)
MISSING = st.sets(st.sampled_from([*USUAL]), max_size=2)
HEADERS = st.sampled_from([None, None, b"own-key", b"", b"\xff"])
LATEST = st.sampled_from([math.inf, 0.0, 4e9])


def read_in_general(body: dict[str, Any], header: bytes | None, latest: float) -> Reading | None:
    """Return the article as the reader of all items gives it; None if it refuses the item."""
    fields = Fields(body, *shipped().lookup(body))
    try:
        return read_item(fields, Origin(Event(body), header, None, latest))
    except Refusal:
        return None


@pytest.mark.property
@given(CHANGES, MISSING, HEADERS, LATEST)
@example({}, set(), None, math.inf)
@example({"id": "http://a.example/1"}, {"url"}, None, math.inf)
@example({"summary": "-"}, set(), None, math.inf)
@example({"source": "unknown\x00"}, set(), None, math.inf)
def test_both_readers_give_the_same_article(
    changes: dict[str, Any], missing: set[str], header: bytes | None, latest: float
) -> None:
    """An article would have another key, and count twice, once a feed sends one more field."""
    body = {name: value for name, value in USUAL.items() if name not in missing} | changes
    taken, untouched = deepcopy(body), deepcopy(body)
    reading = read_plain(taken, shipped(), header, latest)
    if reading is None:
        assert taken == untouched
    else:
        assert reading == read_in_general(body, header, latest)
        assert list(reading.struct.extra) == list(body)


@pytest.mark.parametrize("absent", [None, "summary", "url", "companies", "language", "mood"])
def test_usual_items_are_read_in_one_go(absent: str | None) -> None:
    """Every article would be read in twice the time, and nothing else would show it."""
    body = {name: value for name, value in USUAL.items() if name != absent}
    assert read_plain(body, shipped(), None, math.inf) is not None


@pytest.mark.parametrize("name", ["item", "items", "entry", "entries"])
def test_a_feed_with_a_title_is_no_article(name: str) -> None:
    """All articles of a channel would be lost behind one that has its title."""
    channel = {**USUAL, name: [{**USUAL, "id": "8"}]}
    assert read_plain(channel, shipped(), None, math.inf) is None


def test_records_of_the_usual_form_are_read_in_one_go() -> None:
    """The reader would be there, and no record would come to it."""
    profiles = Profiles({})
    (reading,) = read_record(orjson.dumps(USUAL), (), profiles)
    assert isinstance(reading, Reading)
    assert tuple(USUAL) in profiles.plain
