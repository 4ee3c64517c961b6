"""Structs say what their models say: msgspec is faster, and nothing else."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel

from schemas.article import Article
from schemas.refusal import Refusal
from schemas.signal import Signal
from schemas.structs.codec import Reader, fields_of
from schemas.wire import EventPayload

pytestmark = pytest.mark.property

NOON = datetime(2026, 3, 3, 12, 0, 0, 250_000, tzinfo=UTC)
SIGNAL = Signal(
    subject="company:ACME",
    key="k",
    published=NOON,
    negative=0.7,
    neutral=0.2,
    positive=0.1,
    headline="Acme falls",
    source="wire",
    model="m",
    lineage="2.5",
)
ARTICLE = Article(key="k", source="wire", headline="Acme falls", published=NOON)

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(-timedelta(minutes=90))])
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001 - hypothesis adds the zones
TIMES = (
    MOMENTS.map(lambda moment: moment.astimezone(UTC).isoformat().replace("+00:00", "Z"))
    | MOMENTS.map(datetime.isoformat)
    | MOMENTS.map(lambda moment: moment.isoformat(" ", "seconds"))
    | st.integers(0, 9_999_999).map(lambda digits: f"2026-03-03T12:00:59.{digits:07}Z")
    | st.sampled_from(
        [
            "2026-03-03T12:00:00.9999999Z",
            "2026-03-03t12:00:00z",
            "2026-03-03T12:00Z",
            "2026-03-03T12:00:00,5Z",
            "2026-03-03T12:00:60Z",
            "2026-03-03",
            "0001-01-01T00:00:00+01:00",
            "1969-12-31T23:59:59Z",
            "2100-12-31T23:59:59.999999Z",
            "2101-01-01T00:00:00Z",
            "soon",
        ]
    )
    | st.integers(-1, 5_000_000_000)
)
TEXTS = st.text(max_size=20)
NUMBERS = (
    st.floats(0.0, 1.01)
    | st.floats(allow_nan=True)
    | st.integers(-2, 4)
    | st.booleans()
    | st.sampled_from(["0.5", "x"])
)
INTEGERS = (
    st.integers(0, (1 << 64) - 1)
    | st.integers()
    | st.sampled_from([(1 << 63) - 1, 1 << 63, (1 << 64) - 1, 1 << 64, 1.0, 1e19, 1.5, "7"])
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
TUPLES = st.lists(TEXTS, max_size=3)


def documents(good: dict[str, Any], **kinds: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """Return JSON of a model: mostly as it writes it, and often with odd values in some fields."""
    some = {name: values for name, values in kinds.items() if name not in good}
    usual = st.fixed_dictionaries({name: kinds[name] for name in good}, optional=some)
    odd = st.fixed_dictionaries({}, optional=dict.fromkeys(kinds, JSON) | {"later": JSON})
    sound = st.fixed_dictionaries({}, optional=kinds).map(lambda fields: good | fields)
    together = st.tuples(usual | sound, odd | st.just({})).map(lambda pair: pair[0] | pair[1])
    encoded = together.map(lambda fields: json.dumps(fields).encode("utf-8", "surrogatepass"))
    return encoded | st.tuples(encoded, st.integers(0, 400)).map(lambda cut: cut[0][: cut[1]])


SIGNALS = documents(
    json.loads(SIGNAL.to_bytes()),
    subject=TEXTS,
    key=TEXTS,
    published=TIMES,
    negative=NUMBERS,
    neutral=NUMBERS,
    positive=NUMBERS,
    headline=TEXTS,
    source=TEXTS,
    model=TEXTS,
    relevance=NUMBERS,
    severity=st.none() | NUMBERS,
    story=INTEGERS,
    lineage=TEXTS,
)
ARTICLES = documents(
    json.loads(ARTICLE.to_bytes()),
    key=st.text(max_size=3) | st.integers(198, 202).map(lambda length: "\u00e9" * length),
    source=TEXTS,
    headline=TEXTS,
    published=TIMES,
    url=st.none() | TEXTS,
    summary=st.none() | TEXTS,
    companies=TUPLES,
    company_names=TUPLES,
    language=st.none() | TEXTS,
    extra=st.dictionaries(st.text(), JSON, max_size=4),
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["ce_type", "ce_id", "CE_TYPE"]),
        st.none()
        | st.sampled_from([b"", b"newsquake.signal", b"newsquake.signal.v2", b"somebody.else"])
        | st.sampled_from([b"newsquake.article.accepted", b"newsquake.article.accepted.v3"]),
    ),
    max_size=3,
)
Headers = Iterable[tuple[str, bytes]]


def outcome(read: Any, value: bytes | None, headers: Headers) -> Any:
    """Return the fields that are read and their types, or the refusal."""
    try:
        payload = read(value, headers)
    except Refusal as refusal:
        return type(refusal), str(refusal)
    fields = vars(payload) if isinstance(payload, BaseModel) else fields_of(payload)
    return repr(fields)


@given(SIGNALS, HEADERS)
def test_a_signal_is_read_as_by_its_model(value: bytes, headers: Headers) -> None:
    """`detect` would count another signal than the one that was written, or refuse a sound one."""
    read = Reader(Signal).read
    assert outcome(read, value, headers) == outcome(Signal.from_event, value, headers)


@given(ARTICLES, HEADERS)
def test_an_article_is_read_as_by_its_model(value: bytes, headers: Headers) -> None:
    """`score` would score another article than the one that was accepted."""
    read = Reader(Article).read
    assert outcome(read, value, headers) == outcome(Article.from_event, value, headers)


@pytest.mark.parametrize("value", [None, b"", b"\xff", b"[]", b"null", b'{"key":"\\ud800"}'])
@pytest.mark.parametrize("model", [Article, Signal])
def test_foreign_bytes_are_refused_as_by_the_model(
    model: type[EventPayload], value: bytes | None
) -> None:
    """A poison record in one of our own topics would crash the stage for ever."""
    refusal = outcome(model.from_event, value, ())
    assert issubclass(refusal[0], Refusal)
    assert outcome(Reader(model).read, value, ()) == refusal


@pytest.mark.parametrize(
    ("field", "text"),
    [
        *(("story", str(number)) for number in ((1 << 63) - 1, 1 << 63, (1 << 64) - 1, 1 << 64)),
        *(("published", f'"{year}-12-31T23:59:59.999999Z"') for year in (1969, 1970, 2100, 2101)),
        ("published", '"2026-03-03T12:00:00.9999999Z"'),
        ("published", '"2026-03-03T12:00:00+02:00"'),
        *(("negative", text) for text in ("-0.001", "1.01", "1.02", "1e400", "1", "true")),
        *(("severity", text) for text in ("-1", "0", "3.01", "3.02", "null")),
        *(("relevance", text) for text in ("0", "1e-9", "1", "1.001")),
        ("subject", '""'),
    ],
)
def test_the_edges_of_a_signal_are_those_of_its_model(field: str, text: str) -> None:
    """A number beyond what the detector is made for would come into its memory."""
    fields = json.loads(SIGNAL.to_bytes()) | {field: "?"}
    value = json.dumps(fields).replace('"?"', text).encode()
    assert outcome(Reader(Signal).read, value, ()) == outcome(Signal.from_event, value, ())


def test_integers_of_any_size_are_written() -> None:
    """A foreign record with one, which the model reads, would stop `score` for ever."""
    value = ARTICLE.to_bytes().replace(b'"extra":{}', b'"extra":{"a":[%d]}' % (1 << 70))
    struct = Reader(Article).read(value, ())
    assert struct.to_bytes() == value == Article.from_bytes(value).to_bytes()


@pytest.mark.parametrize("levels", [30, 70, 300, 5_000])
def test_what_nests_deep_is_read_as_by_the_model(levels: int) -> None:
    """`news.scored` would have an article that its readers refuse."""
    deep = b"[" * levels + b"]" * levels
    value = ARTICLE.to_bytes().replace(b'"extra":{}', b'"extra":{"a":' + deep + b"}")
    assert outcome(Reader(Article).read, value, ()) == outcome(Article.from_event, value, ())


def test_a_field_of_an_unknown_kind_is_an_error() -> None:
    """A check that only pydantic knows would silently not be made."""

    class Odd(EventPayload):
        event_type = "odd"
        name: Annotated[str, AfterValidator(str.upper)]

    with pytest.raises(TypeError, match="not known to the codec"):
        Reader(Odd)
