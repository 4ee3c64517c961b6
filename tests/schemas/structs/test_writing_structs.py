"""Structs are written as their models are, and read back without them."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Article
from schemas.scored import ScoredArticle, Sentiment, ShadowScore, SubjectSentiment
from schemas.signal import Signal
from schemas.structs.codec import Reader, changed, fields_of, struct_of
from schemas.wire import Wire

pytestmark = pytest.mark.property

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(-timedelta(minutes=90))])
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001 - hypothesis adds the zones


class Strict(Reader[Any]):
    """A reader that has no model to ask."""

    def _read_by_model(self, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> Any:
        raise AssertionError(f"msgspec does not read {value!r} with {headers}")


@given(
    st.builds(
        Signal,
        published=MOMENTS,
        **dict.fromkeys(["subject", "key"], st.text(min_size=1)),
        **dict.fromkeys(["headline", "source", "model", "lineage"], st.text()),
        **dict.fromkeys(["negative", "neutral", "positive"], st.floats(0.0, 1.01)),
        relevance=st.floats(0.0, 1.0, exclude_min=True),
        severity=st.none() | st.floats(0.0, 3.01),
        story=st.integers(0, (1 << 64) - 1),
    )
)
def test_a_signal_is_written_as_by_its_model(signal: Signal) -> None:
    """Workers of the last release, and other readers of the topic, would read something else."""
    struct = struct_of(Signal)(**vars(signal))
    assert json.loads(struct.to_bytes()) == json.loads(signal.to_bytes())
    assert Signal.from_bytes(struct.to_bytes()) == signal
    # What we write never needs the model to be read.
    assert fields_of(Strict(Signal).read(struct.to_bytes(), ())) == vars(signal)


WRITTEN = st.builds(
    Article,
    published=MOMENTS,
    key=st.text(min_size=1, max_size=200),
    source=st.text(min_size=1),
    headline=st.text(min_size=1),
    **dict.fromkeys(["url", "summary", "language"], st.none() | st.text()),
    **dict.fromkeys(["companies", "company_names"], st.lists(st.text()).map(tuple)),
    extra=st.dictionaries(
        st.text(),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=8,
        ),
    ),
)
SENTIMENTS = st.builds(
    Sentiment, **dict.fromkeys(["negative", "neutral", "positive"], st.floats(0.0, 1.0))
)
TOPICS = st.dictionaries(st.text(), st.floats(0.0, 1.0), max_size=3)


@given(WRITTEN)
def test_an_article_is_written_as_by_its_model(article: Article) -> None:
    """`score` of the last release would read something else than was accepted."""
    struct = struct_of(Article)(**vars(article))
    assert json.loads(struct.to_bytes()) == json.loads(article.to_bytes())
    assert Article.from_bytes(struct.to_bytes()) == Article.from_bytes(article.to_bytes())


@given(
    st.builds(
        ScoredArticle,
        article=WRITTEN,
        sentiment=SENTIMENTS,
        topics=TOPICS,
        subjects=st.lists(st.text()).map(tuple),
        model=st.text(),
        language=st.none() | st.text(),
        unread=st.booleans(),
        degraded=st.booleans(),
        shadow=st.none()
        | st.builds(ShadowScore, model=st.text(), sentiment=SENTIMENTS, topics=TOPICS),
        revision=st.sampled_from([None, "companies", "correction"]),
        severity=st.none() | st.floats(0.0, 3.0),
        subject_sentiments=st.none()
        | st.dictionaries(
            st.text(),
            st.builds(
                SubjectSentiment,
                **dict.fromkeys(["negative", "neutral", "positive"], st.floats(0.0, 1.0)),
                severity=st.none() | st.floats(0.0, 3.0),
            ),
            max_size=2,
        ),
    )
)
def test_a_scored_article_is_written_as_by_its_model(scored: ScoredArticle) -> None:
    """Whoever reads news.scored would miss a field, or meet one that the schema does not have."""
    assert json.loads(as_struct(scored).to_bytes()) == json.loads(scored.to_bytes())


def as_struct(value: Any) -> Any:
    """Return a model as a struct, with structs in it."""
    if isinstance(value, Wire):
        fields = {name: as_struct(field) for name, field in vars(value).items()}
        return struct_of(type(value))(**fields)
    if isinstance(value, dict):
        return {name: as_struct(entry) for name, entry in value.items()}
    return value


def test_a_copy_differs_in_what_was_changed_alone() -> None:
    """A signal about a second company would lose the headline, or change the first one."""
    values: dict[str, Any] = dict.fromkeys(("subject", "key", "headline", "source", "model"), "a")
    values |= dict.fromkeys(("negative", "neutral", "positive"), 0.3)
    struct = struct_of(Signal)(**values, published=datetime(2026, 3, 3, tzinfo=UTC))
    other = changed(struct, subject="b")
    assert fields_of(other) == fields_of(struct) | {"subject": "b"}
    assert struct.subject == "a"
