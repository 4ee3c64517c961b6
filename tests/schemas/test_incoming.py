"""Producers' records become articles: aliases, clean text, fallbacks, and nothing lost."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from schemas.incoming.decode import decode
from schemas.incoming.limits import MAX_HEADLINE_CHARACTERS

ITEM = {"title": "Acme falls", "pubDate": "2026-03-03T09:30:00Z"}
MOMENT = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)


def read(*headers: tuple[str, bytes], **fields: Any) -> Any:
    """Decode a small article with these fields added."""
    return decode(orjson.dumps({**ITEM, **fields}), headers)


def test_a_feed_item_becomes_an_article() -> None:
    """The commonest producer, a feed reader, could not publish."""
    article = read(
        link=" https://example.org/1 ",
        description="<p>Shares &amp; bonds</p>",
        symbols="$acme, MSFT",
        lang="en-US",
        source="Example Wire",
        id=17,
        region={"code": "EU"},
    )
    assert article.headline == "Acme falls"
    assert article.published == MOMENT
    assert article.url == "https://example.org/1"
    assert article.summary == "Shares & bonds"
    assert article.companies == ("ACME", "MSFT")
    assert article.language == "en-us"
    assert article.source == "Example Wire"
    assert article.extra == {"id": 17, "region": {"code": "EU"}}


@pytest.mark.parametrize(
    ("alias", "value", "field", "expected"),
    [
        ("headline", "A", "headline", "A"),
        ("url", "u", "url", "u"),
        ("link", "u", "url", "u"),
        ("summary", "s", "summary", "s"),
        ("description", "s", "summary", "s"),
        ("body", "s", "summary", "s"),
        ("companies", ["A"], "companies", ("A",)),
        ("tickers", ["A"], "companies", ("A",)),
        ("symbols", ["A"], "companies", ("A",)),
        ("language", "de", "language", "de"),
        ("lang", "de", "language", "de"),
    ],
)
def test_aliases(alias: str, value: object, field: str, expected: object) -> None:
    """A producer that uses this documented name would be refused, or lose the field."""
    article = read(**{alias: value})
    assert getattr(article, field) == expected
    assert alias not in article.extra


@pytest.mark.parametrize("alias", ["published", "published_at", "publishedAt", "pubDate"])
def test_names_of_the_time(alias: str) -> None:
    """A producer that uses this documented name would be refused."""
    value = orjson.dumps({"title": "A", alias: "2026-03-03T09:30:00Z"})
    assert decode(value, []).published == MOMENT


def test_the_preferred_alias_wins_and_others_are_kept() -> None:
    """A long body would replace the short summary, or be lost."""
    article = read(summary="short", body="long")
    assert (article.summary, article.extra) == ("short", {"body": "long"})


@pytest.mark.parametrize("nothing", [None, "", " \n", []])
def test_an_alias_that_holds_nothing_does_not_hide_another(nothing: object) -> None:
    """Exporters that write every column would have their items refused."""
    article = read(
        headline=nothing, summary=nothing, companies=nothing, tickers="A", source=nothing
    )
    assert (article.headline, article.summary, article.companies) == ("Acme falls", None, ("A",))
    assert article.extra == {}


def test_source_falls_back_to_event_then_host() -> None:
    """Feeds that don't name themselves would be refused, or all be one source."""
    event = [("ce_source", b"//wire/x")]
    assert read(*event, source="own", url="https://example.org/1").source == "own"
    assert read(*event, url="https://example.org/1").source == "//wire/x"
    assert read(url="https://Example.org/1").source == "example.org"
    assert read(url="http://[").source == "unknown"
    assert read().source == "unknown"


def test_a_fallback_source_is_cut_not_refused() -> None:
    """A long event source, which CloudEvents allows, would lose the article."""
    assert read(("ce_source", b"s" * 9000)).source == "s" * 500


def test_the_event_time_stands_in_for_a_missing_time() -> None:
    """CloudEvents producers would have to repeat the time in the body."""
    value = orjson.dumps({"title": "A", "published": None})
    assert decode(value, [("ce_time", b"2026-03-03T09:30:00Z")]).published == MOMENT
    assert read(("ce_time", b"2020-01-01T00:00:00Z")).published == MOMENT


def test_text_without_markup_only_is_no_summary() -> None:
    """An empty paragraph would count as a summary."""
    assert read(summary="<p> </p>").summary is None


def test_a_headline_of_the_longest_length_passes() -> None:
    """The limit would be off by one."""
    assert len(read(headline="x" * MAX_HEADLINE_CHARACTERS).headline) == MAX_HEADLINE_CHARACTERS


def test_control_characters_leave_names() -> None:
    """A source with a line feed would break logs and metrics."""
    article = read(source="Ex\0ample\nWire", url="https://e.org/\0a", language="e\0n")
    assert (article.source, article.url, article.language) == (
        "Example Wire",
        "https://e.org/a",
        "en",
    )


def test_many_fields_are_fine() -> None:
    """A wide record would be taken for a deep one."""
    wide = {f"field {number}": [number] for number in range(20_000)}
    assert read(**wide).extra == wide


def test_depth_of_63_below_the_object_passes_unchanged() -> None:
    """The depth limit would be off by one, or what passes not be readable again."""
    deep: Any = "x"
    for _ in range(63):
        deep = [deep]
    article = read(deep=deep)
    assert article.extra == {"deep": deep}
    assert type(article).from_bytes(article.to_bytes()) == article


def test_numbers_of_every_size_survive() -> None:
    """A number in an unknown field would change on its way."""
    numbers = b"[18446744073709551615,-9223372036854775808,1e308,-0.0,5e-324]"
    article = decode(b'{"title":"A","published":1772530200,"n":' + numbers + b"}", [])
    assert article.extra["n"] == [2**64 - 1, -(2**63), 1e308, -0.0, 5e-324]
    assert type(article).from_bytes(article.to_bytes()) == article


def test_integers_beyond_64_bits_become_floats() -> None:
    """Such an integer would crash the stage."""
    article = decode(b'{"title":"A","published":1772530200,"n":123456789012345678901234567890}', [])
    assert article.extra["n"] == pytest.approx(1.2345678901234568e29)


def test_unused_headers_may_hold_anything() -> None:
    """A tracing agent's binary header would get articles refused."""
    odd = [("x", b"\xff"), ("y", None), ("", b"")]
    assert decode(orjson.dumps(ITEM), odd).headline == "Acme falls"  # type: ignore[arg-type]
