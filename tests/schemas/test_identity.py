"""The same article has the same key, another has another; keys written once stay valid."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations

import orjson
import pytest

from schemas.identity import Content, Pair, alert_id, idempotency_key
from schemas.incoming.decode import decode

MOMENT = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
CONTENT = Content("wire", None, "Acme falls", MOMENT)
PAIR = Pair("wire", "1")


def key(*headers: tuple[str, bytes], **fields: object) -> str:
    """Return the key of a small article with these fields."""
    item = {"headline": "Acme falls", "published": "2026-03-03T09:30:00Z", **fields}
    return decode(orjson.dumps(item), headers).key


def test_precedence() -> None:
    """An article would get another key than producers were told, and count twice."""
    assert idempotency_key(b"mine", PAIR, PAIR, CONTENT) == "mine"
    event = idempotency_key(None, PAIR, None, CONTENT)
    body = idempotency_key(None, None, PAIR, CONTENT)
    content = idempotency_key(None, None, None, CONTENT)
    assert idempotency_key(None, PAIR, PAIR, CONTENT) == event
    assert idempotency_key(None, None, PAIR, CONTENT) == body
    assert len({event, body, content}) == 3


def test_keys_do_not_change_between_releases() -> None:
    """After an upgrade every article of the last days would be scored and counted again."""
    assert idempotency_key(None, PAIR, None, CONTENT) == "b51e70d8d45352f335591ace58a9b70d"
    assert idempotency_key(None, None, PAIR, CONTENT) == "ba489a31023d250533fefbe732372c43"
    assert idempotency_key(None, None, None, CONTENT) == "9271f30f6197b046b8939e2c17626e00"
    assert (
        idempotency_key(None, None, None, CONTENT._replace(url="u"))
        == "17b537406a0096b56ac612f1ae56dbbf"
    )
    assert alert_id("topic:earnings", "1", MOMENT) == "ac2226f17351f1a4"


def test_different_content_has_different_keys() -> None:
    """Two articles would be taken for one, and one of them lost."""
    contents = [
        CONTENT,
        CONTENT._replace(source="wir", headline="eAcme falls"),
        CONTENT._replace(url="Acme falls"),
        CONTENT._replace(url="u"),
        CONTENT._replace(headline="Acme rises"),
        CONTENT._replace(published=MOMENT + timedelta(microseconds=1)),
    ]
    for first, second in combinations(contents, 2):
        assert idempotency_key(None, None, None, first) != idempotency_key(None, None, None, second)


def test_a_url_makes_the_headline_irrelevant() -> None:
    """A corrected headline would make a second article of the same page."""
    assert key(url="https://e.org/1") == key(url="https://e.org/1", headline="Acme falls!")


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
