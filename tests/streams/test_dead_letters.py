"""A dead letter is the original record with the reason in headers."""

from hashlib import sha256
from random import randbytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.dead_letter import DeadLetter
from streams.core.dead_letter import dead_letter
from streams.core.handler import Rejection
from streams.core.record import Message, Stored
from streams.core.stage import Stage
from tests.streams.conftest import Counting

MIB = 1 << 20
NOW = 1_700_000_000_000
STAGE = Stage("score", "group", "source", Counting(), "dead", version="1.2")


def rejected_record(record: Stored, words: str = "no") -> Message:
    """Return the dead letter of ``record``."""
    return dead_letter(STAGE, Rejection(record, "poison", ValueError(words), "id-1", "m", 3), NOW)


@pytest.mark.property
@given(
    st.none() | st.binary(),
    st.none() | st.binary(),
    st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=5)), max_size=4),
)
def test_key_value_and_headers_stay_as_they_came(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
) -> None:
    """A record set aside could not be mended and replayed."""
    dead = rejected_record(Stored("source", 3, 42, 99, key, value, tuple(headers)))
    assert (dead.topic, dead.key, dead.value, dead.timestamp) == ("dead", key, value, None)
    assert DeadLetter.from_headers(dead.headers).timestamp == 99
    assert list(dead.headers)[: len(headers)] == headers
    assert dead.partition == (3 if key is None else None)


def test_the_headers_say_where_from_and_why() -> None:
    """Whoever looks after the pipeline would have to guess what failed, and where."""
    reason = DeadLetter.from_headers(
        rejected_record(Stored("source", 3, 42, 99, None, b"", ())).headers
    )
    assert (reason.topic, reason.partition, reason.offset) == ("source", 3, 42)
    assert (reason.stage, reason.reason, reason.message) == ("score", "poison", "no")
    assert reason.exception == "builtins.ValueError"
    assert (reason.attempts, reason.idempotency_key, reason.model) == (3, "id-1", "m")
    assert (reason.version, reason.replays) == ("1.2", 0)
    assert reason.first_failed_at is not None
    assert reason.first_failed_at.timestamp() * 1000 == NOW


def test_a_replayed_record_that_dies_again_keeps_its_count() -> None:
    """A record could go round between the dead letters and its stage for ever, unnoticed."""
    headers = (("x", b"1"), ("newsquake.replays", b"2"))
    dead = rejected_record(Stored("source", 0, 0, 0, b"k", b"", headers))
    assert DeadLetter.from_headers(dead.headers).replays == 2
    assert dead.headers[0] == ("x", b"1")


def test_the_message_is_bounded() -> None:
    """An exception that quotes a huge record would make a dead letter that the broker refuses."""
    dead = rejected_record(Stored("source", 0, 0, 0, None, b"", ()), words="é" * 100_000)
    assert 0 < max(len(value) for _, value in dead.headers) <= 1024


@pytest.mark.parametrize(
    ("key", "value", "headers"),
    [
        (b"k", randbytes(6 * MIB), ()),
        (b"k", b"a" * 20 * MIB, ()),
        (randbytes(6 * MIB), b"v", ()),
        (None, None, (("x", randbytes(6 * MIB)), ("y", b"1"))),
        (b"k", b"v", (("name" * 10, b""),) * 50_000),
    ],
    ids=["random value", "huge value", "key", "header", "many headers"],
)
def test_a_letter_that_does_not_fit_has_the_first_bytes(
    key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...]
) -> None:
    """A record that can't be set aside would stop the stage for good."""
    dead = rejected_record(Stored("source", 3, 42, 99, key, value, headers))
    reason = DeadLetter.from_headers(dead.headers)
    assert reason.original_bytes == len(value or b"")
    assert reason.original_sha256 == sha256(value or b"").hexdigest()
    assert (reason.topic, reason.partition, reason.offset) == ("source", 3, 42)
    assert (value or b"").startswith(dead.value or b"")
    assert (key or b"").startswith(dead.key or b"")
    named = sum(len(name) + len(content) for name, content in dead.headers)
    assert len(dead.key or b"") + len(dead.value or b"") + named < MIB


def test_a_letter_that_fits_when_compressed_is_whole() -> None:
    """What can be set aside whole could not be replayed."""
    value = b"a" * 6 * MIB
    dead = rejected_record(Stored("source", 3, 42, 99, None, value, ()))
    assert dead.value == value
    assert DeadLetter.from_headers(dead.headers).original_bytes is None
