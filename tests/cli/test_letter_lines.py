"""Dead letters for people: nothing in them may act on a terminal or show private data."""

from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.dead_letters.letters import Address, Letter
from agents.dead_letters.replay import Report
from cli.dlq.arguments import Filters, milliseconds_of
from cli.dlq.connection import selection_of
from cli.dlq.replaying import obstacles
from cli.view.letters import letter_document, letter_line, letter_text, safe_text
from infra.usage_error import UsageError
from schemas.dead_letter import DeadLetter
from streams.core.record import Stored

NOW = 1_700_000_000_000


def letter(value: bytes | None, message: str = "no", key: bytes = b"k", **fields: bytes) -> Letter:
    """Return a letter with headers of a producer's own."""
    reason = DeadLetter(
        reason="invalid", stage="ingest", topic="news.raw", partition=0, offset=7, message=message
    )
    headers = (*fields.items(), *reason.to_headers())
    return Letter.of(Stored("news.dead", 3, 41, NOW, key, value, headers))


def strings(document: Any) -> Iterator[str]:
    """Yield all texts in a document."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        yield from strings([*document, *document.values()])
    elif isinstance(document, list | tuple):
        for item in document:
            yield from strings(item)


@pytest.mark.property
@given(st.binary(max_size=300), st.integers(1, 400), st.booleans())
def test_any_bytes_are_safe_to_print(value: bytes, characters: int, is_raw: bool) -> None:
    """A record could clear the screen, rename the window, or type a command."""
    text = safe_text(value, characters, is_raw=is_raw)
    assert text.isprintable()
    assert "\n" not in text
    shown = letter_text(letter(value, evil=value), "waiting", characters, is_raw=is_raw)
    assert all(line.isprintable() for line in shown.split("\n"))
    one = letter(value, value.decode("latin-1"), key=value, evil=value)
    assert letter_line(one, "waiting").isprintable()
    document = letter_document(one, "waiting", characters, is_raw=is_raw)
    assert all(text.isprintable() for text in strings(document))


def test_a_huge_value_is_cut_and_its_size_is_said() -> None:
    """A record of megabytes would fill the terminal, and take minutes to mask."""
    text = letter_text(letter(b"x" * 3_000_000), "waiting", 100, is_raw=False)
    assert len(text) < 2_000
    assert "bytes: 3000000" in text
    assert "x" * 100 + "…" in text


def test_thousands_of_headers_are_cut() -> None:
    """A record could fill the terminal with headers instead of its value."""
    headers = tuple((f"h{number}", b"1") for number in range(5_000))
    one = Letter.of(Stored("news.dead", 3, 41, NOW, b"k", b"x", headers))
    assert "… and 4900 more" in letter_text(one, "waiting", 100, is_raw=False)
    assert len(letter_text(one, "waiting", 100, is_raw=False)) < 5_000
    assert len(str(letter_document(one, "waiting", 100, is_raw=False))) < 5_000


def test_a_program_gets_the_original_byte_for_byte_if_it_asks() -> None:
    """A script that mends letters would work on text that was escaped, masked or cut."""
    value, key = b"\xff password=hunter2 " + b"x" * 9_000, b"\x00k"
    one = letter(value, key=key, contact=b"me@example.org")
    shown = letter_document(one, "waiting", 100, is_raw=False)
    assert not {"key_base64", "value_base64"} & shown.keys()
    assert "hunter2" not in str(shown)
    assert shown["headers"] == [("contact", "**********")]
    exact = letter_document(one, "waiting", 100, is_raw=True)
    assert (b64decode(exact["key_base64"]), b64decode(exact["value_base64"])) == (key, value)
    assert exact["headers"] == [("contact", "me@example.org")]


@pytest.mark.parametrize("time", [-1, 1 << 60, -(1 << 60)])
def test_a_time_of_no_calendar_is_shown(time: int) -> None:
    """One record of another program would hide all letters after it."""
    one = Letter.of(Stored("news.dead", 3, 41, time, b"k", b"x", ()))
    assert letter_line(one, "waiting").startswith("3@41  ")


def test_why_letters_are_left_alone_takes_some_lines() -> None:
    """An expression that fails on each letter in its own words would print thousands of lines."""
    whys = {f"not fixed: {number} of me@example.org\x1b[2J": 1 for number in range(10_000)}
    counts = obstacles(Report(kept=Counter(whys) + Counter({"replayed before": 5})))
    assert (len(counts), counts.total()) == (11, 10_005)
    assert counts["replayed before"] == 5
    assert all(why.isprintable() and "me@" not in why for why in counts)


@pytest.mark.parametrize("characters", [1, 100, 1_000, 4_000])
def test_no_private_datum_is_cut_in_the_middle(characters: int) -> None:
    """The half of an address that a cut leaves would not be recognised, and be shown."""
    address = b"jane" * 15 + b"@" + b".".join([b"host" * 15] * 8)
    for padding in range(0, 600, 17):
        value = b" " * padding + (address + b" ") * 1_000
        text = safe_text(value, characters, is_raw=False)
        assert "jane" not in text
        assert "host" not in text
    assert "jane" in safe_text(address, 100, is_raw=True)


def test_private_data_is_masked_in_each_place_unless_asked_for() -> None:
    """Who looks at a letter need not see whom it is about."""
    private = "jane.doe@example.org"
    data = private.encode()
    one = letter(data, f"{private} is no date", key=data, contact=data)
    one = one._replace(reason=one.reason.model_copy(update={"idempotency_key": private}))
    for text in (
        letter_line(one, "waiting"),
        letter_text(one, "waiting", 400, is_raw=False),
        str(letter_document(one, "waiting", 400, is_raw=False)),
    ):
        assert "jane" not in text
        assert "3@41" in text
    assert letter_text(one, "waiting", 400, is_raw=True).count(private) == 5


def test_a_letter_without_a_value_is_shown() -> None:
    """The tombstone of a producer would end the command."""
    assert "(no value)" in letter_text(letter(None), "waiting", 400, is_raw=False)


def test_options_become_a_selection() -> None:
    """A filter would choose other letters than its help says."""
    chosen = selection_of(Filters(["invalid"], ["score"], ["wire"], ["k"], ["3@41"], "1970-01-02"))
    assert chosen.addresses == {Address(3, 41)}
    assert (chosen.since, chosen.until) == (86_400_000, None)
    assert [*chosen.reasons, *chosen.agents, *chosen.sources] == ["invalid", "score", "wire"]
    assert chosen.keys == frozenset({"k"})


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("2h", 2_800_000), ("1970-01-01T01:00Z", 3_600_000), ("1970-01-01T01:00+01:00", 0)],
)
def test_times_are_durations_before_now_or_instants(text: str, milliseconds: int) -> None:
    """A replay would take letters of another day."""
    assert milliseconds_of("--since", text, 10_000.0) == milliseconds


@pytest.mark.parametrize(
    "filters", [Filters(since="yesterday"), Filters(until="2024-13-01"), Filters(ids=["news.dead"])]
)
def test_an_option_that_can_not_be_read_says_how_to_write_it(filters: Filters) -> None:
    """A typing error would choose everything."""
    with pytest.raises(UsageError, match="such as"):
        selection_of(filters)
