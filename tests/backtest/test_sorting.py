"""Sorting on disk."""

import tempfile
from operator import itemgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.sorting import Form, in_order

Item = tuple[int, int]
BY_FIRST: Form[Item] = Form(
    itemgetter(0), lambda it: b"%d %d" % it, lambda line: tuple(map(int, line.split()))
)


@pytest.mark.property
@given(keys=st.lists(st.integers(0, 9), max_size=30), run=st.integers(1, 12))
def test_it_is_sorted_however_little_memory_there_is(keys: list[int], run: int) -> None:
    """Rows are lost, doubled or swapped where a file is larger than memory."""
    items = [(key, place) for place, key in enumerate(keys)]
    assert list(in_order(items, BY_FIRST, run)) == sorted(items)


def test_what_fits_into_memory_touches_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file on a machine with a full disk can't be read."""

    def full(**_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    items = [(3, 0), (1, 0), (2, 0)]
    assert list(in_order(items, BY_FIRST, run=3)) == sorted(items)
    with pytest.raises(OSError, match="no space"):
        list(in_order(items, BY_FIRST, run=2))
