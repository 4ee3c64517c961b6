"""Numbers of the detector's state as bytes."""

from dataclasses import dataclass, field
from struct import error

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.state_codec import NumberCodec


@dataclass(slots=True)
class Inner:
    count: int = 0
    ratio: float = 0.0


@dataclass(slots=True)
class Outer:
    flag: bool = False
    name: str = "unchanged"
    inner: Inner = field(default_factory=Inner)
    last: float = 0.0


CODEC = NumberCodec.of(Outer())


@pytest.mark.property
@given(
    flag=st.booleans(),
    count=st.integers(-(2**52), 2**52),
    ratio=st.floats(allow_nan=False),
    last=st.floats(allow_nan=False),
)
def test_numbers_survive_exactly_and_keep_their_types(
    flag: bool, count: int, ratio: float, last: float
) -> None:
    """A worker that takes a partition over would continue from slightly different numbers."""
    source, target = Outer(flag, "source", Inner(count, ratio), last), Outer()
    CODEC.unpack_into(target, CODEC.pack(source))
    assert target == Outer(flag, "unchanged", Inner(count, ratio), last)
    assert (type(target.flag), type(target.inner.count)) == (bool, int)


def test_the_order_is_that_of_the_fields_depth_first() -> None:
    """A new field in the middle would be read into the wrong place without an error."""
    assert CODEC.paths == ("flag", "inner.count", "inner.ratio", "last")
    assert CODEC.size == 32


@pytest.mark.parametrize("length", [0, 31, 33, 40])
def test_bytes_of_another_length_are_refused(length: int) -> None:
    """State of another release would be read as if it were ours."""
    with pytest.raises(error):
        CODEC.unpack_into(Outer(), bytes(length))
