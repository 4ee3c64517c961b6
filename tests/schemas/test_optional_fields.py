"""A headline and a date are all that an article needs, whatever stands in its other fields."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Article
from schemas.incoming.aliases import ALIASES
from schemas.incoming.item import Reading
from schemas.incoming.reading import Refused, read_record
from tests.schemas.odd_fields import DATES, HEADLINE, NAMES, ODD, articles, dumped


def assert_read(body: dict[str, Any]) -> Reading:
    """Assert that a record is an article; return how it is read."""
    (reading,) = read_record(dumped(body), [])
    assert isinstance(reading, Reading), (body, reading)
    assert Article.from_bytes(reading.article.to_bytes()) == reading.article
    return reading


@pytest.mark.property
@given(articles())
def test_no_optional_field_refuses_an_article(body: dict[str, Any]) -> None:
    """One odd field would cost a feed all its articles."""
    assert_read(body)


@pytest.mark.parametrize("name", NAMES)
def test_no_name_refuses_an_article_for_any_odd_value(name: str) -> None:
    """A new name for a field would refuse articles of feeds that mean something else by it."""
    for value in ODD:
        for headline in {"headline", "news_title"} - {name}:
            for published in {"published", "updated"} - {name}:
                assert_read({name: value, headline: HEADLINE, published: DATES[0]})


def test_a_time_of_day_that_is_none_costs_nothing() -> None:
    """A day would be refused for the clock that stands beside it."""
    for clock in ("99:99", "24:61", ""):
        reading = assert_read({"title": HEADLINE, "date": "2026-03-03", "time": clock})
        assert f"{reading.article.published:%Y-%m-%d}" == "2026-03-03"


def test_what_nests_too_deep_is_left_out() -> None:
    """One deep field of a vendor's payload would cost the article, or all articles of a record."""
    body = dumped({"title": HEADLINE, "date": "2026-03-03", "deep": "DEEP"})
    for levels, opening, closing in ((500, b"[", b"]"), (500, b'{"a":', b"}"), (64, b"[", b"]")):
        deep = body.replace(b'"DEEP"', opening * levels + b"1" + closing * levels)
        (reading,) = read_record(deep, [])
        assert isinstance(reading, Reading), reading
        assert "nests deeper than 64 levels" in str(reading.warnings)
        assert Article.from_bytes(reading.article.to_bytes()) == reading.article


def test_nan_in_a_record_of_many_articles_costs_none() -> None:
    """A poll of pandas rows would be refused once it has more than a hundred."""
    rows = [
        {"title": f"{HEADLINE} {n}", "date": "2026-03-03", "x": float("nan")} for n in range(300)
    ]
    assert all(isinstance(item, Reading) for item in read_record(dumped(rows), []))


@pytest.mark.parametrize("headline", ALIASES["headline"])
@pytest.mark.parametrize("published", ALIASES["published"])
def test_any_two_names_are_enough(headline: str, published: str) -> None:
    """A feed would be refused for the pair of names that it happens to use."""
    article = assert_read({headline: HEADLINE, published: DATES[0]}).article
    assert (article.headline, f"{article.published:%H:%M}") == (HEADLINE, "08:15")


@pytest.mark.property
@given(st.binary())
def test_random_bytes_end_with_a_reason(value: bytes) -> None:
    """Noise would be accepted, or stop the worker."""
    assert all(isinstance(result, Refused) for result in read_record(value, []))
