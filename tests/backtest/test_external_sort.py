"""External sort: more items than fit into memory."""

import tempfile
from operator import itemgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.external_sort import SortFormat, in_order

Item = tuple[int, int]


def parse(line: bytes) -> Item:
    """Undo the format's ``write``."""
    key, index = line.split()
    return int(key), int(index)


BY_FIRST: SortFormat[Item] = SortFormat(itemgetter(0), lambda item: b"%d %d" % item, parse)


@pytest.mark.property
@given(keys=st.lists(st.integers(0, 9), max_size=30), max_items=st.integers(1, 12))
def test_items_are_sorted_however_little_memory_there_is(keys: list[int], max_items: int) -> None:
    """Rows would be lost, doubled or swapped if a file is larger than memory."""
    items = [(key, index) for index, key in enumerate(keys)]
    assert list(in_order(items, BY_FIRST, max_items)) == sorted(items)


def test_items_that_fit_into_memory_touch_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file could not be read on a machine with a full disk."""

    def full(**_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    items = [(3, 0), (1, 0), (2, 0)]
    assert list(in_order(items, BY_FIRST, max_items=3)) == sorted(items)
    with pytest.raises(OSError, match="no space"):
        list(in_order(items, BY_FIRST, max_items=2))
