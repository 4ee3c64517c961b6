"""The same article has the same key, another has another; keys written once stay valid."""

from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest

from schemas.identity import (
    Content,
    Pair,
    alert_id,
    content_key,
    event_key,
    id_key,
    page_key,
)
from schemas.incoming.decode import decode

MOMENT = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
CONTENT = Content("wire", "Acme falls", (), "2026-03-03")
PAIR = Pair("wire", "1")
KEYS = [
    "ba489a31023d250533fefbe732372c43",
    "b51e70d8d45352f335591ace58a9b70d",
    "58b2d7fd1b480df6746a465d7767add5",
    "acfce061decfb496e90ab7d63b89b674",
]


def key(*headers: tuple[str, bytes], **fields: object) -> str:
    """Return the key of a small article with these fields."""
    item = {"headline": "Acme falls", "published": "2026-03-03T09:30:00Z", **fields}
    return decode(orjson.dumps(item), headers).key


def test_precedence() -> None:
    """An article would get another key than producers were told, and count twice."""
    event = [("ce_id", b"7"), ("ce_source", b"s")]
    own = {"id": "1", "source": "s"}
    page = {"url": "https://e.org/1"}
    assert key(("idempotency-key", b"mine"), *event, **own, **page) == "mine"
    assert key(*event, **own, **page) == key(**own)
    assert key(*event, **page) == key(**page)
    assert len({key(**own), key(**page), key(*event), key()}) == 4


def test_keys_do_not_change_between_releases() -> None:
    """After an upgrade every article of the last days would be scored and counted again."""
    assert alert_id("topic:earnings", "1", MOMENT) == "ac2226f17351f1a4"
    assert [id_key(PAIR), event_key(PAIR), page_key("e.org/1", "2026-03-03")] == KEYS[:3]
    assert content_key(CONTENT) == KEYS[3]


def test_different_content_has_different_keys() -> None:
    """Two articles would be taken for one, and one of them lost."""
    contents = [
        CONTENT,
        CONTENT._replace(source="wir", headline="eAcme falls"),
        CONTENT._replace(headline="Acme rises"),
        CONTENT._replace(companies=("ACME",)),
        CONTENT._replace(day="2026-03-04"),
    ]
    assert len({content_key(content) for content in contents}) == len(contents)
    both = [CONTENT._replace(companies=names) for names in (("A", "b"), ("B", "a"))]
    assert content_key(both[0]) == content_key(both[1])


def test_a_url_makes_the_headline_irrelevant() -> None:
    """A corrected headline would make a second article of the same page."""
    assert key(url="https://e.org/1") == key(url="https://e.org/1", headline="Acme falls!")


def test_a_page_that_is_written_anew_each_day_is_another_article() -> None:
    """A daily column under one address would count once a week."""
    next_day = "2026-03-04T09:30:00Z"
    assert key(url="https://e.org/1") != key(url="https://e.org/1", published=next_day)


@pytest.mark.parametrize("url", ["None", "nan", "#", "-", "https://e.org/", "https://e.org"])
def test_placeholders_and_home_pages_identify_nothing(url: str) -> None:
    """All articles of a feed without links would be one."""
    assert key(url=url, headline="a") != key(url=url, headline="b")


def test_a_random_event_id_is_none() -> None:
    """An item that is polled three times would be three articles."""
    ids = (b"329ed82a-2a2e-4f2c-bdae-85d32072cc3d", b"f3afab3c-46a5-4ad5-921e-28c7ac07e3e9")
    assert len({key(("ce_id", one), ("ce_source", b"s")) for one in ids}) == 1
    assert key(("ce_id", b"1"), ("ce_source", b"s")) != key(("ce_id", b"2"), ("ce_source", b"s"))


def test_zone_and_markup_do_not_matter() -> None:
    """One article from two feeds of the same source would count twice."""
    assert key() == key(headline="<b>Acme</b>  falls", published="2026-03-03T11:30:00+02:00")


def test_header_key_is_taken_as_it_is() -> None:
    """A producer could not find its article again by the key it chose."""
    assert key(("idempotency-key", "Größe 1/2".encode())) == "Größe 1/2"
    assert key(("idempotency-key", b"k" * 200)) == "k" * 200


@pytest.mark.parametrize("headers", [[("ce_id", b"1")], [("ce_source", b"s")]])
def test_half_an_event_identity_is_none(headers: list[tuple[str, bytes]]) -> None:
    """All events of a producer that sends only its source would be one article."""
    assert key(*headers, headline="a") != key(*headers, headline="b")


def test_ids_of_feeds_without_a_name_do_not_collide() -> None:
    """Article 1 of every nameless feed would be one article."""
    assert key(id=1, headline="a") != key(id=1, headline="b")
    assert key(id=1, headline="a", source="s") == key(id="1", headline="b", source="s")
    assert key(id=1, headline="a", source="s") != key(id=2, headline="a", source="s")


def test_an_empty_id_is_no_id() -> None:
    """All articles of a feed that leaves its ids empty would be one article."""
    assert key(id="", source="s", headline="a") != key(id="", source="s", headline="b")
    assert key(id=None, source="s", headline="a") != key(id=None, source="s", headline="b")


def test_alert_id_depends_on_all_three_and_not_on_the_zone() -> None:
    """Two alerts would be shown as one, or a replayed log raise all alerts again."""
    identity = alert_id("topic:a", "1", MOMENT)
    assert identity == alert_id("topic:a", "1", MOMENT.astimezone(timezone(timedelta(hours=9))))
    others = [
        alert_id("topic:b", "1", MOMENT),
        alert_id("topic:a", "2", MOMENT),
        alert_id("topic:a", "1", MOMENT + timedelta(seconds=1)),
    ]
    assert len({identity, *others}) == 4
    assert len(identity) == 16
