"""Numbers of the detector's state as bytes."""

import struct
from dataclasses import dataclass, field

import pytest

from detection.state_codec import NumberCodec


@dataclass(slots=True)
class Inner:
    """Numbers of each kind."""

    count: int = 0
    share: float = 0.0
    is_on: bool = False


@dataclass(slots=True)
class Outer:
    """Numbers, a dataclass, and fields that are no numbers."""

    name: str = ""
    first: float = 0.0
    inner: Inner = field(default_factory=Inner)
    names: list[str] = field(default_factory=list)
    last: int = 0


def test_numbers_come_back_as_they_were() -> None:
    """A restarted worker would go on with other numbers, or with 1.0 where a bin was 1."""
    codec, copy = NumberCodec.of(Outer()), Outer(name="kept", names=["kept"])
    codec.unpack_into(copy, codec.pack(Outer("x", 0.1, Inner(3, 1e-300, is_on=True), ["x"], -7)))
    assert copy == Outer("kept", 0.1, Inner(3, 1e-300, is_on=True), ["kept"], -7)
    assert [type(value) for value in (copy.inner.count, copy.inner.is_on)] == [int, bool]


def test_the_order_is_that_of_the_fields() -> None:
    """States in the changelog would be read into the wrong fields."""
    codec = NumberCodec.of(Outer())
    assert codec.paths == ("first", "inner.count", "inner.share", "inner.is_on", "last")
    assert codec.pack(Outer("", 1.0, Inner(2, 3.0, is_on=True), [], 5)) == struct.pack(
        "<5d", 1.0, 2.0, 3.0, 1.0, 5.0
    )


@pytest.mark.parametrize("length", [0, 39, 41])
def test_bytes_of_another_length_are_refused(length: int) -> None:
    """A state of another version would be read as if it were this one's."""
    with pytest.raises(struct.error):
        NumberCodec.of(Outer()).unpack_into(Outer(), bytes(length))
