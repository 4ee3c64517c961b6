"""The examples in nlp's docstrings."""

import doctest
from types import ModuleType

import pytest

from nlp import carried
from nlp.checkpoints import meanings, sentiments
from nlp.combined import agreement, ensemble, members
from nlp.inference import batching
from nlp.lexicon import terms
from nlp.transformer import deflated, ngrams

MODULES = (
    agreement,
    batching,
    carried,
    deflated,
    ensemble,
    meanings,
    members,
    ngrams,
    sentiments,
    terms,
)


@pytest.mark.parametrize("module", MODULES, ids=lambda one: one.__name__)
def test_examples_hold(module: ModuleType) -> None:
    """A reader would copy an example that does not work."""
    failed, attempted = doctest.testmod(module)
    assert attempted > 0
    assert failed == 0
