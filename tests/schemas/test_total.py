"""The door's law: any bytes give an article that survives its own JSON, or a refusal."""

from datetime import UTC
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Article
from schemas.incoming.aliases import ALIASES
from schemas.incoming.cloudevents import received, trace
from schemas.incoming.decode import decode
from schemas.incoming.limits import MAX_ADDED_BYTES, MAX_BYTES
from schemas.incoming.placeholders import is_nothing
from schemas.refusal import MESSAGE_BYTES, Refusal

pytestmark = pytest.mark.property

REASONS = {"undecodable", "invalid", "too_large", "unsupported_schema"}
NAMES = [name for names in ALIASES.values() for name in names]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)
HEADLINES = st.text(min_size=1, max_size=60)
TIMES = (
    st.integers(0, 4_102_444_799)
    | st.integers(100_000_000_000, 4_102_444_799_999)
    | st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat())
    | st.sampled_from(["2026-03-03T09:30:00Z", "Tue, 03 Mar 2026 09:30:00 EST", "soon"])
)
ARTICLES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(NAMES, st.text(max_size=30) | JSON),
        **dict.fromkeys(ALIASES["headline"], HEADLINES),
        **dict.fromkeys(ALIASES["published"], TIMES),
        "id": SCALARS,
        "specversion": st.sampled_from(["1.0", "0.3"]) | JSON,
        "time": TIMES,
        "data": JSON,
        "unknown": JSON,
    },
)
ENVELOPES = st.fixed_dictionaries(
    {"specversion": st.just("1.0"), "id": st.text(), "source": st.text(), "data": ARTICLES},
    optional={"time": TIMES},
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["ce_id", "ce_source", "ce_time", "ce_specversion", "content-type"])
        | st.sampled_from(["idempotency-key", "traceparent"])
        | st.text(),
        st.binary(max_size=40)
        | st.text(max_size=40).map(str.encode)
        | st.sampled_from([b"1.0", b"application/cloudevents+json", b"application/json"]),
    ),
    max_size=4,
)


def holds(value: bytes, headers: list[tuple[str, bytes]]) -> Article | None:
    """Check the law for one record; return the article if there is one."""
    try:
        article = decode(value, headers)
    except Refusal as refusal:
        assert refusal.reason in REASONS  # noqa: PT017 - either outcome is lawful
        assert len(str(refusal).encode()) <= MESSAGE_BYTES  # noqa: PT017 - the law is about the refusal
        return None
    written = article.to_bytes()
    assert Article.from_bytes(written) == article
    assert orjson.loads(written)["extra"] == article.extra
    assert len(written) <= MAX_BYTES + MAX_ADDED_BYTES
    assert 1 <= len(article.key) <= 200
    return article


@given(st.binary(), HEADERS)
def test_any_bytes(value: bytes, headers: list[tuple[str, bytes]]) -> None:
    """One record of noise would stop its partition for ever."""
    holds(value, headers)
    assert len(trace(headers)) <= 1
    assert all(name == name.lower() for name in received(headers))


@given(JSON, HEADERS)
def test_any_json(document: Any, headers: list[tuple[str, bytes]]) -> None:
    """One document of a foreign schema would stop its partition for ever."""
    holds(orjson.dumps(document), headers)


@given(ARTICLES | ENVELOPES, HEADERS)
def test_anything_like_an_article(document: Any, headers: list[tuple[str, bytes]]) -> None:
    """One odd feed item would stop its partition for ever, or change on its way."""
    holds(orjson.dumps(document), headers)


@given(st.binary(max_size=4), st.integers(0, 200), st.integers(0, 40), HEADERS)
def test_any_damage(noise: bytes, start: int, length: int, headers: Any) -> None:
    """A record cut or overwritten on the way would stop its partition for ever."""
    good = orjson.dumps(
        {
            "title": "Acme <b>falls</b> &amp; rises",
            "pubDate": "Tue, 03 Mar 2026 09:30:00 GMT",
            "tickers": ["$ACME"],
            "source": "Example Wire",
            "rank": 1.5,
        }
    )
    holds(good[:start] + noise + good[start + length :], headers)


@given(
    HEADLINES.filter(lambda text: text.isalnum() and not is_nothing(text)),
    st.integers(100_000_000, 1_900_000_000),
    st.fixed_dictionaries(
        {}, optional={"source": HEADLINES, "url": HEADLINES, "id": st.text(max_size=9)}
    ),
    st.randoms(use_true_random=False),
)
def test_key_ignores_order_and_names_of_fields(
    headline: str, published: int, optional: dict[str, Any], random: Any
) -> None:
    """The same article from two producers would be scored and counted twice."""
    fields = {"headline": headline, "published": published, **optional}
    renamed = [
        (random.choice(ALIASES[name][:2] if name != "id" else (name,)), fields[name])
        for name in fields
    ]
    random.shuffle(renamed)
    first, second = (holds(orjson.dumps(d), []) for d in (fields, dict(renamed)))
    assert first == second
    assert first is not None
