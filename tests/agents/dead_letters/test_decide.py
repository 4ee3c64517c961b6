"""A replayed record is the original, with headers that say where it came from."""

from hashlib import sha256
from random import randbytes
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.dead_letters.decide import (
    BATCH,
    BY_OPERATOR,
    EXCERPT,
    NO_AGENT,
    FixFailed,
    Kept,
    Rules,
    decide,
)
from agents.dead_letters.letters import QUARANTINE_AFTER, Letter
from agents.dead_letters.replay_records import ReplayRecord, ReplayRecords
from cli.dlq import commands
from schemas.dead_letter import HEADERS, DeadLetter
from streams.core.dead_letter import BatchSkipped, SkippedByOperator
from streams.core.record import Message, Stored
from tests.agents.dead_letters.conftest import NOW, TARGETS, letter_of, set_aside, stored

RULES = Rules(TARGETS, "news.dead")
NOBODY = ReplayRecords({})
RAW = Stored("news.raw", 1, 7, NOW - 5_000, b"k", b'{"headline": "x"}', (("x", b"1"),))


def replayed(letter: Letter, rules: Rules = RULES) -> Message:
    """Return what the replay of ``letter`` writes."""
    outcome = decide(letter, NOBODY, rules)
    assert isinstance(outcome, Message), outcome
    return outcome


def kept(letter: Letter, rules: Rules = RULES, replayed: ReplayRecords = NOBODY) -> str:
    """Return why ``letter`` is left alone."""
    outcome = decide(letter, replayed, rules)
    assert isinstance(outcome, Kept), outcome
    return outcome.why


names = st.text(max_size=5) | st.sampled_from(
    [name for name in HEADERS.values() if name.startswith("__connect.")]
)


@pytest.mark.property
@given(
    st.none() | st.binary(),
    st.none() | st.binary(),
    st.lists(st.tuples(names, st.binary(max_size=5)), max_size=4),
)
def test_key_value_and_headers_go_back_as_they_came(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
) -> None:
    """An agent would get another record than the one it failed on, and count it twice."""
    record = Stored("news.raw", 1, 7, NOW - 5_000, key, value, tuple(headers))
    message = replayed(letter_of(record))
    assert (message.topic, message.key, message.value) == ("news.raw", key, value)
    assert list(message.headers)[: len(headers)] == headers
    added = [name.removeprefix("newsquake.") for name, _ in message.headers[len(headers) :]]
    assert added == ["replays", "replayed-from", "first-failed", "timestamp"]
    assert message.partition == (1 if key is None else None)
    assert dict(message.headers)["newsquake.timestamp"] == b"%d" % (NOW - 5_000)


@pytest.mark.parametrize("agent", sorted(TARGETS))
def test_a_record_goes_back_to_the_agent_that_failed(agent: str) -> None:
    """A scored article would be read by `ingest`, which takes it for a feed's, or refuses it."""
    assert replayed(letter_of(RAW, agent)).topic == TARGETS[agent]


def test_headers_do_not_grow_however_often_a_record_fails() -> None:
    """A record that goes round would grow until the broker refuses it and the agent stops."""
    record, sizes = RAW._replace(headers=(("x", b"1"), ("newsquake.timestamp", b"5"))), []
    for number in range(1, 9):
        dead = stored(set_aside(record), offset=number)
        message = replayed(Letter.of(dead), RULES._replace(quarantine_after=99))
        record = stored(message, offset=number)._replace(topic="news.raw")
        sizes.append((len(dead.headers), len(message.headers)))
        assert len(dict(dead.headers)) == len(dead.headers)
        said = DeadLetter.from_headers(message.headers)
        assert (said.replays, said.replayed_from) == (number, f"news.dead/1@{number}")
        assert said.first_failed == "news.raw/1@7"
    assert sizes[1:] == [sizes[1]] * 7
    assert len(dict(record.headers)) == len(record.headers)
    assert dict(record.headers)["newsquake.timestamp"] == b"5"


def test_a_record_that_failed_too_often_is_quarantined() -> None:
    """A record would go round between its agent and the dead letters at every replay."""
    headers = (("newsquake.replays", b"%d" % QUARANTINE_AFTER),)
    letter = letter_of(RAW._replace(headers=headers))
    assert letter.state(NOBODY) == "quarantined"
    assert kept(letter) == "quarantined: it failed again after 3 replays"
    assert replayed(letter, RULES._replace(quarantine_after=4)).topic == "news.raw"
    assert commands.QUARANTINE_AFTER == QUARANTINE_AFTER


@pytest.mark.parametrize("count", [b"9" * 4_300, b"-3", b"many"])
def test_a_count_of_replays_that_a_producer_made_up_is_none(count: bytes) -> None:
    """One record with an absurd header would end the replay, or go round for ever."""
    record = RAW._replace(headers=(("newsquake.replays", count),))
    assert dict(replayed(letter_of(record)).headers)["newsquake.replays"] == b"1"


def test_what_was_replayed_is_left_alone_unless_the_topic_was_made_anew() -> None:
    """A second replay would send everything again, or one after a new topic nothing at all."""
    letter = letter_of(RAW)
    entry = ReplayRecord(NOW, "news.raw", NOW, is_fixed=False)
    assert kept(letter, replayed=ReplayRecords({(1, 41): entry})) == "replayed before"
    other = ReplayRecords({(1, 41): entry._replace(timestamp=NOW - 1)})
    assert isinstance(decide(letter, other, RULES), Message)


def test_a_fixed_value_keeps_the_link_to_the_original() -> None:
    """Nobody could tell afterwards what the producer had really sent."""
    digest = sha256(RAW.value or b"").hexdigest()
    rules = RULES._replace(fix=lambda value: b"fixed " + (value or b""))
    message = replayed(letter_of(RAW), rules)
    said = DeadLetter.from_headers(message.headers)
    assert message.value == b'fixed {"headline": "x"}'
    assert (said.first_failed, said.fixed_from) == ("news.raw/1@7", digest)
    again = replayed(letter_of(stored(message)._replace(topic="news.raw")), rules)
    said = DeadLetter.from_headers(again.headers)
    assert (said.first_failed, said.fixed_from) == ("news.raw/1@7", digest)


def test_what_can_not_be_fixed_stays() -> None:
    """One letter of another form would end the replay, or be sent broken."""

    def fail(_: bytes | None) -> bytes:
        raise FixFailed("it is no JSON")

    assert kept(letter_of(RAW), RULES._replace(fix=fail)) == "not fixed: it is no JSON"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("ingest", "skipped", SkippedByOperator("me")), BY_OPERATOR),
        (("ingest", "skipped", BatchSkipped("me")), BATCH),
        (("nobody", "invalid"), NO_AGENT),
    ],
)
def test_what_should_not_go_back_is_left_alone(arguments: tuple[Any, ...], why: str) -> None:
    """An agent would be given what a person took out of its way, or the bytes of a batch."""
    assert kept(letter_of(RAW, *arguments)) == why


def test_a_letter_of_another_program_is_left_alone() -> None:
    """A replay would end at the first record that a connector wrote."""
    foreign = Stored("news.dead", 0, 0, NOW, None, None, ())
    assert kept(Letter.of(foreign)) == NO_AGENT


def test_what_a_person_skipped_is_replayed_if_it_is_asked_for() -> None:
    """A record that was skipped in haste could never be sent again."""
    letter = letter_of(RAW, "ingest", "skipped", SkippedByOperator("me"))
    assert replayed(letter, RULES._replace(skipped_too=True)).value == RAW.value


def test_an_excerpt_is_replayed_only_with_a_whole_value() -> None:
    """An agent would get the first bytes of a record, as if they were all."""
    huge = RAW._replace(value=randbytes(6 << 20))
    letter = letter_of(huge)
    assert kept(letter) == EXCERPT
    rules = RULES._replace(fix=lambda _: b"{}", is_whole=True)
    message = replayed(letter, rules)
    assert message.value == b"{}"
    said = DeadLetter.from_headers(message.headers)
    assert said.fixed_from == sha256(huge.value or b"").hexdigest()
    assert said.original_bytes is None
