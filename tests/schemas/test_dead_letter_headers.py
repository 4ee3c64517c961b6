"""A dead letter tells why it is dead, whoever wrote it."""

from datetime import UTC, datetime

from schemas.dead_letter import HEADERS, MESSAGE, DeadLetter
from schemas.refusal import MESSAGE_BYTES

LETTER = DeadLetter(
    reason="invalid",
    stage="ingest",
    topic="news.raw",
    partition=2,
    offset=41,
    exception="schemas.refusal.Invalid",
    message="headline is missing; send it",
    attempts=3,
    first_failed_at=datetime(2026, 3, 3, 9, 30, tzinfo=UTC),
    idempotency_key="k",
    model="m",
    version="0.1.0",
    replays=1,
    timestamp=1_700_000_000_000,
    original_bytes=6_000_000,
    original_sha256="0" * 64,
    replayed_from="news.dead/2@5",
    first_failed="news.raw/2@40",
    fixed_from="1" * 64,
    masked=True,
)


def test_headers_round_trip() -> None:
    """The list of dead letters would show something else than what happened."""
    assert DeadLetter.from_headers(LETTER.to_headers()) == LETTER
    assert {name for name, _ in LETTER.to_headers()} == set(HEADERS.values())


def test_names_and_values_are_those_of_kafka_connect() -> None:
    """Existing tools would not find topic, partition and offset."""
    headers = dict(LETTER.to_headers())
    assert headers["__connect.errors.topic"] == b"news.raw"
    assert headers["__connect.errors.partition"] == b"2"
    assert headers["__connect.errors.offset"] == b"41"
    assert headers["__connect.errors.stage"] == b"ingest"
    assert headers["__connect.errors.exception.class.name"] == b"schemas.refusal.Invalid"
    assert headers["newsquake.reason"] == b"invalid"
    assert headers["newsquake.first-failed-at"] == b"2026-03-03T09:30:00Z"


def test_unknown_things_make_no_header() -> None:
    """Tools would show the text None."""
    assert dict(DeadLetter(reason="invalid").to_headers()).keys() == {
        "newsquake.reason",
        "newsquake.attempts",
        "newsquake.replays",
    }


def test_messages_are_bounded() -> None:
    """An exception that quotes the payload would make the dead letter too large to write."""
    headers = dict(LETTER.model_copy(update={"message": "é" * 9999}).to_headers())
    assert len(headers[MESSAGE]) <= MESSAGE_BYTES
    headers = dict(LETTER.model_copy(update={"message": "\ud800"}).to_headers())
    assert headers[MESSAGE] == b"?"


def test_garbled_headers_count_as_missing() -> None:
    """One odd dead letter would hide all others from the operator."""
    letter = DeadLetter.from_headers(
        [
            ("newsquake.reason", b"\xff"),
            ("newsquake.attempts", b"many"),
            ("newsquake.replays", b"9" * 5000),
            ("newsquake.first-failed-at", b"0001-01-01T00:00:00+23:00"),
            ("__connect.errors.offset", None),  # type: ignore[list-item]
            ("__connect.errors.partition", b"1.5"),
            ("__connect.errors.topic", b"t"),
        ]
    )
    assert letter == DeadLetter(reason="\ufffd", topic="t")
