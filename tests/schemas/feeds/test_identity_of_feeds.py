"""Articles are told apart by what they say, whatever stands where an identity is missing."""

from typing import Any

import orjson
import pytest
from pydantic import JsonValue

from schemas.incoming.item import Reading
from schemas.incoming.reading import Refused, read_record
from schemas.incoming.urls import page_of

ACME: dict[str, Any] = {"title": "Acme falls", "published": "2026-03-03T08:15:00Z", "source": "W"}
ORBIT = {**ACME, "title": "Orbit rises"}
PAGE = "https://w.example/news/acme-falls"


def read(body: dict[str, Any], headers: list[tuple[str, bytes]] | None = None) -> Reading:
    """Return the reading of one article."""
    (reading,) = read_record(orjson.dumps(body), headers or [])
    assert isinstance(reading, Reading), reading
    return reading


@pytest.mark.parametrize(
    "placeholder",
    ["http://", "https://null", "unknown", "n.a.", "(none)", "<null>", "#REF!", "TBD", "false",
     "\N{EM DASH}", "...", '""', "%20", "not available", "00000000-0000-0000-0000-000000000000"],
)  # fmt: skip
@pytest.mark.parametrize("field", ["guid", "url"])
def test_placeholders_identify_nothing(field: str, placeholder: JsonValue) -> None:
    """All articles of a feed would be one."""
    acme, orbit = read({**ACME, field: placeholder}), read({**ORBIT, field: placeholder})
    assert acme.article.key != orbit.article.key
    assert acme.article.url is None


@pytest.mark.parametrize("headline", ["Unknown", "n.a.", "(no title)", "Untitled", "..."])
def test_placeholders_are_no_headlines(headline: str) -> None:
    """Rows without news would be scored."""
    assert isinstance(read_record(orjson.dumps({**ACME, "title": headline}), [])[0], Refused)


def test_placeholders_are_no_sources() -> None:
    """The host is known where the source is not."""
    assert read({**ACME, "source": "unknown", "url": PAGE}).article.source == "w.example"


@pytest.mark.parametrize(
    "query",
    ["msclkid=1", "yptr=yahoo", "wt_mc=a", "cid=rss", "sref=a", "_gl=1", "intcmp=a", "itid=1",
     "sc_cid=1", "__source=a", "via=a", "linkId=1", "s=20", "output=amp", "trk=a",
     "utm_source=a&amp;utm_medium=b"],
)  # fmt: skip
def test_channels_are_no_pages(query: str) -> None:
    """One article, shared through several channels, would be several."""
    assert page_of(f"{PAGE}?{query}") == page_of(PAGE)


@pytest.mark.parametrize(
    "url",
    ["//w.example/news/acme-falls", "https://w.example//news/acme-falls",
     "https://w.example/news/./acme-falls", "https://w.example/x/../news/acme-falls"],
)  # fmt: skip
def test_forms_of_one_page(url: str) -> None:
    """Links that a browser opens alike would be several articles."""
    assert page_of(url) == page_of(PAGE)


@pytest.mark.parametrize("name", ["ref", "mod", "cid", "s", "tag"])
def test_numbers_may_be_those_of_articles(name: str) -> None:
    """Two articles of a site that numbers them would be one."""
    assert page_of(f"https://w.example/story?{name}=1001") != page_of(
        f"https://w.example/story?{name}=1002"
    )


@pytest.mark.parametrize(
    "ids",
    [
        ("01HZX3J6Z8Q9W7V5T4R3E2D1C0", "01HZX3J6Z8Q9W7V5T4R3E2D1C1"),
        ("65e4a1b2c3d4e5f601234567", "65e4a1b2c3d4e5f601234568"),
        ("cjld2cjxh0000qzrmn831i7rn", "cjld2cyuq0000t3rmniod1foy"),
        ("V1StGXR8_Z5jdHi6B-myT", "V1StGXR8_Z5jdHi6B-myU"),
        ("1tZQzUGz0N9dbK1P8f9m2Ynq1Hm", "1tZQzUGz0N9dbK1P8f9m2Ynq1Hn"),
    ],
)
def test_ids_that_libraries_make_for_each_event_are_random(ids: tuple[str, str]) -> None:
    """The same item, sent thrice, would be three articles."""
    readings = [
        read(ACME, [("ce_specversion", b"1.0"), ("ce_id", text.encode()), ("ce_source", b"/p")])
        for text in ids
    ]
    assert len({reading.article.key for reading in readings}) == 1


def test_letters_may_be_composed_or_not() -> None:
    """A feed from a Mac would give each article with an accent twice."""
    composed, decomposed = (
        read({**ACME, "title": "Caf\u00e9"}),
        read({**ACME, "title": "Cafe\u0301"}),
    )
    assert composed.article == decomposed.article


def test_a_link_of_another_kind_is_not_the_page() -> None:
    """Atom's address of the entry itself would be shown as the article's."""
    links = [
        {"rel": "self", "href": "https://w.example/feed/1"},
        {"rel": "alternate", "href": PAGE},
    ]
    assert read({**ACME, "link": links}).article.url == PAGE


def test_the_host_is_the_source_where_a_url_is_given_for_it() -> None:
    """Each article would have a source of its own."""
    assert read({**ACME, "source": "https://www.w.example/rss"}).article.source == "w.example"
