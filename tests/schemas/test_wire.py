"""What is written is read back equal, and what others wrote is refused with a name."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from schemas.alert import Alert, Headline
from schemas.article import Article
from schemas.dead_letter import DeadLetter
from schemas.feedback import Feedback
from schemas.refusal import Invalid, Tombstone, Undecodable, UnsupportedSchema
from schemas.scored import ScoredArticle, Sentiment
from schemas.signal import Signal
from schemas.wire import Wire

NOON = datetime(2026, 3, 3, 12, 0, 0, 250_000, tzinfo=UTC)
ARTICLE = Article(
    key="k", source="wire", headline="Acme falls", published=NOON, extra={"a": [1, {"b": None}]}
)
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
ALERT = Alert(
    id="0123456789abcdef",
    subject="topic:earnings",
    status="firing",
    onset=NOON,
    detected_at=NOON,
    negative_share=0.8,
    expected_share=0.2,
    volume=34.0,
    expected_volume=4.5,
    severity="major",
    sources=5,
    stories=34,
    evidence=12.5,
    signals=40,
    headlines=(Headline(key="k", text="Acme falls", published=NOON, negative=0.7),),
    model="m",
    rule="1",
)
SCORED = ScoredArticle(
    article=ARTICLE,
    sentiment=Sentiment(negative=0.7, neutral=0.2, positive=0.1),
    topics={"earnings": 0.9},
    subjects=("topic:earnings",),
    model="m",
)
MODELS = [ARTICLE, SIGNAL, ALERT, SCORED, DeadLetter(reason="invalid", first_failed_at=NOON)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_bytes_round_trip(model: Wire) -> None:
    """A stage would work on something else than the stage before it wrote."""
    assert type(model).from_bytes(model.to_bytes()) == model


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_an_unknown_field_is_ignored_by_readers(model: Wire) -> None:
    """While a cluster is upgraded, all records of the later release would be dead letters."""
    later = model.to_bytes()[:-1] + b',"later_field":{"a":1}}'
    assert type(model).from_bytes(later) == model


def test_an_unknown_field_within_a_field_is_ignored_by_readers() -> None:
    """A later release could add a field to an article, but not where an article is scored."""
    later = SCORED.to_bytes().replace(b'{"negative":0.7', b'{"later_field":1,"negative":0.7')
    assert later != SCORED.to_bytes()
    assert ScoredArticle.from_bytes(later) == SCORED


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_an_unknown_field_is_an_error_of_writers(model: Wire) -> None:
    """A misspelt field would be left out of every record without a word."""
    with pytest.raises(ValidationError, match="misspelt"):
        type(model).model_validate({**model.model_dump(), "misspelt": 1})


def test_a_mistyped_field_of_a_correction_is_refused() -> None:
    """A person's correction would be dropped without a word."""
    with pytest.raises(UnsupportedSchema) as refused:
        Feedback.from_bytes(b'{"key":"k","sentiment":"negative","secret_field":"macro"}')
    assert "secret_field" not in str(refused.value)


@pytest.mark.parametrize("event_type", [b"newsquake.signal", b"somebody.else", b"", None])
def test_a_record_of_this_major_version_or_of_another_program_is_read(
    event_type: bytes | None,
) -> None:
    """A test feed's signals, or those of the last release, would be dead letters."""
    headers: list[tuple[str, bytes]] = [("ce_type", event_type)]  # type: ignore[list-item]
    assert Signal.from_event(SIGNAL.to_bytes(), headers) == SIGNAL
    assert Signal.from_event(SIGNAL.to_bytes(), []) == SIGNAL


def test_a_later_major_version_is_refused() -> None:
    """A reader would take fields that changed their meaning for what they were."""
    with pytest.raises(UnsupportedSchema, match="ce_type"):
        Signal.from_event(SIGNAL.to_bytes(), [("ce_type", b"newsquake.signal.v2")])


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, Tombstone),
        (b"", Undecodable),
        (b"\xff", Undecodable),
        (b'{"subject":', Undecodable),
        (b"[" * 10_000, Undecodable),
        (b'{"subject":"\\ud800"}', Undecodable),
        (b"[]", Invalid),
        (b"{}", Invalid),
        (SIGNAL.to_bytes().replace(b"0.7", b"NaN"), Invalid),
        (SIGNAL.to_bytes().replace(b"0.7", b"1e999"), Invalid),
        (SIGNAL.to_bytes().replace(b"00Z", b"00"), Invalid),
        (SIGNAL.to_bytes().replace(b"2026-03-03T12:00:00.250000Z", b"nonsense"), Invalid),
        (
            SIGNAL.to_bytes().replace(b"2026-03-03T12:00:00.250000Z", b"0001-01-01T00:00:00+23:00"),
            Invalid,
        ),
    ],
)
def test_foreign_bytes_are_refused(value: bytes | None, kind: type[Exception]) -> None:
    """A poison record in one of our own topics would crash the stage for ever."""
    if value == SIGNAL.to_bytes():
        pytest.fail("the case does not change the signal")
    with pytest.raises(kind):
        Signal.from_bytes(value)


def test_refusal_names_the_field_without_quoting_it() -> None:
    """The reader of a dead letter would search the whole record, or find private text in it."""
    with pytest.raises(Invalid, match=r"Signal\.negative") as refused:
        Signal.from_bytes(SIGNAL.to_bytes().replace(b"0.7", b'"private"'))
    assert "private" not in str(refused.value)


def test_times_are_written_in_utc_with_z() -> None:
    """Consumers would read local times as UTC."""
    east = timezone(timedelta(hours=2))
    moved = SIGNAL.model_copy(update={})
    local = Signal(**{**moved.model_dump(), "published": NOON.astimezone(east)})
    assert local == SIGNAL
    assert b'"2026-03-03T12:00:00.250000Z"' in local.to_bytes()


def test_naive_times_are_refused() -> None:
    """A stage's forgotten zone would shift event time by hours."""
    with pytest.raises(ValidationError):
        Signal(**{**SIGNAL.model_dump(), "published": NOON.replace(tzinfo=None)})


def test_models_are_frozen() -> None:
    """A handler could change a record that another still holds."""
    with pytest.raises(ValidationError):
        SIGNAL.subject = "other"  # type: ignore[misc]


def test_an_alert_quotes_five_headlines_at_most() -> None:
    """A long alert would not fit into a webhook's message."""
    with pytest.raises(ValidationError):
        Alert(**{**ALERT.model_dump(), "headlines": [*ALERT.headlines] * 6})


def test_signals_of_one_partition_have_no_lineage() -> None:
    """Signals written before lineages were known would be refused."""
    before = SIGNAL.to_bytes().replace(b',"lineage":"2.5"', b"")
    assert Signal.from_bytes(before).lineage == ""


def test_a_probability_a_hair_above_one_is_one_and_others_are_refused() -> None:
    """A model in half precision would stop the worker, or a foreign number the detector."""
    above = 1.0005
    assert Signal(**{**SIGNAL.model_dump(), "negative": above}).negative == above
    for wrong in (-1.0, 2.0, 1e300):
        with pytest.raises(Invalid):
            Signal.from_bytes(SIGNAL.to_bytes().replace(b"0.7", str(wrong).encode()))


def test_news_of_the_year_one_is_refused() -> None:
    """The detector would begin there, or a lineage would for ever be ahead of all others."""
    for wrong in (b"0001-01-01T00:00:00Z", b"9999-01-01T00:00:00Z"):
        value = re.sub(rb'"published":"[^"]*"', b'"published":"' + wrong + b'"', SIGNAL.to_bytes())
        with pytest.raises(Invalid, match="published"):
            Signal.from_bytes(value)
