"""The examples in the docstrings of nlp.companies."""

import doctest
from types import ModuleType

import pytest

from nlp.companies import codes, context, find, fold, known, names, relevance


@pytest.mark.parametrize(
    "module",
    [codes, context, find, fold, known, names, relevance],
    ids=lambda module: module.__name__,
)
def test_examples_hold(module: ModuleType) -> None:
    """A reader would copy an example that does not work."""
    failed, attempted = doctest.testmod(module)
    assert attempted > 0
    assert failed == 0
