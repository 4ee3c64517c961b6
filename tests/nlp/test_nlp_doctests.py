"""The examples in nlp's docstrings."""

import doctest
from types import ModuleType

import pytest

from nlp import agreement, batching, carried, ensemble, meanings, members, sentiments, terms

MODULES = (agreement, batching, carried, ensemble, meanings, members, sentiments, terms)


@pytest.mark.parametrize("module", MODULES, ids=lambda one: one.__name__)
def test_examples_hold(module: ModuleType) -> None:
    """A reader would copy an example that does not work."""
    failed, attempted = doctest.testmod(module)
    assert attempted > 0
    assert failed == 0
