"""What a subject's state takes and how it refuses what it can't read."""

from datetime import UTC, datetime

import pytest

from detection.rule import Rule
from detection.state import State
from detection.step import step
from schemas.signal import Signal


def wordy(number: int, key: str, headline: str) -> Signal:
    """A signal with a key and a headline of any size."""
    return Signal(
        subject="company:" + "X" * 30,
        key=key + str(number),
        published=datetime(2024, 1, 1, 0, number, tzinfo=UTC),
        negative=0.9,
        neutral=0.1,
        positive=0.0,
        headline=headline + str(number),
        source="s",
        model="m" * 40,
    )


@pytest.mark.parametrize(
    ("key", "headline"),
    [("k" * 32, "plain " * 400), ('"' * 195, "\x00" * 500), ("\U0001f4c9" * 195, "\U0001f4c9")],
)
def test_a_state_stays_below_two_kilobytes(key: str, headline: str) -> None:
    """Each signal writes its state to the changelog: large states would flood it."""
    state = None
    for number in range(20):
        state, _ = step(Rule(), state, wordy(number, key, headline + " " * number))
    assert state is not None
    assert len(state.to_bytes()) < 2_048
    assert state.headlines
    assert State.from_bytes(state.to_bytes()) == state


def test_equal_texts_are_told_once() -> None:
    """Five copies of one agency headline would push the other four out of the alert."""
    state = None
    for number in range(3):
        signal = wordy(number, "k", "same").model_copy(update={"headline": "same"})
        state, _ = step(Rule(), state, signal)
    assert state is not None
    assert [kept.text for kept in state.headlines] == ["same"]


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"version":2}', b'{"version":1}', b"\xff"])
def test_bytes_that_are_no_state_are_refused(data: bytes) -> None:
    """A state of another release, read as if it were ours, would corrupt counts silently."""
    with pytest.raises(ValueError, match=r"state|line 1"):
        State.from_bytes(data)
