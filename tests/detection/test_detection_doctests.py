"""The examples in detection's docstrings."""

import doctest
from types import ModuleType

import pytest

from detection import rule, step


@pytest.mark.parametrize("module", [rule, step], ids=lambda one: one.__name__)
def test_examples_hold(module: ModuleType) -> None:
    """A reader would copy an example that does not work."""
    failed, attempted = doctest.testmod(module)
    assert attempted > 0
    assert failed == 0
