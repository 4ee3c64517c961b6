"""What a refusal tells, and how little of the payload it repeats."""

import pickle

import pytest

from schemas.refusal import (
    MESSAGE_BYTES,
    Invalid,
    Refusal,
    Tombstone,
    TooLarge,
    Undecodable,
    UnsupportedSchema,
    bounded,
    excerpt,
)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Undecodable, "undecodable"),
        (Invalid, "invalid"),
        (Tombstone, "invalid"),
        (TooLarge, "too_large"),
        (UnsupportedSchema, "unsupported_schema"),
    ],
)
def test_reason_codes_are_stable(kind: type[Refusal], reason: str) -> None:
    """Dashboards and replay filters that name a reason would find nothing after a rename."""
    assert kind.reason == reason
    assert issubclass(kind, Refusal)


def test_message_names_field_problem_and_remedy() -> None:
    """A producer reading the dead letter would not know what to change."""
    assert str(Invalid("headline", "is missing", "send it")) == "headline is missing; send it"


def test_message_is_bounded_in_bytes() -> None:
    """A dead letter's headers could grow past the broker's limit and stop the stage."""
    message = str(Invalid("headline", "é" * 5000, "x"))
    assert MESSAGE_BYTES - 4 <= len(message.encode()) <= MESSAGE_BYTES


def test_bounding_keeps_characters_whole() -> None:
    """A cut inside a character would make the header itself undecodable."""
    assert bounded("aé€", 6) == "aé€"
    assert bounded("aé€€", 8) == "aé…"
    assert bounded("\ud800", 8) == "?"


def test_excerpt_shows_shape_but_not_content() -> None:
    """Private data would appear on dashboards and in tickets."""
    assert excerpt("Tue, 31 Fbr\n2026") == "'xxx, 00 xxx?0000'"
    assert excerpt("secret" * 100) == "'" + "x" * 24 + "…'"


def test_refusal_survives_pickling() -> None:
    """A refusal raised in a worker process would arrive as another error."""
    refusal = pickle.loads(pickle.dumps(TooLarge("value", "has 2 bytes", "send 1")))  # noqa: S301 - made in this line
    assert isinstance(refusal, TooLarge)
    assert (refusal.field, str(refusal)) == ("value", "value has 2 bytes; send 1")
