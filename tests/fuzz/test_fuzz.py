"""Each reader of strangers' bytes raises only what it documents, here for a few inputs."""

import pytest

from tests.fuzz.__main__ import fuzz
from tests.fuzz.targets import TARGETS, Target

INPUTS = 60


@pytest.mark.property
@pytest.mark.parametrize("name", TARGETS)
def test_strange_bytes_are_refused_in_words(name: str) -> None:
    """One record, document or header of a stranger would end the process, again and again."""
    assert fuzz(TARGETS[name], INPUTS, 1) >= INPUTS // 2


def test_an_exception_that_is_not_documented_is_found() -> None:
    """The harness would count inputs, and see nothing."""
    careless = Target(TARGETS["body"].inputs, lambda body: 1 // len(body))
    with pytest.raises(ZeroDivisionError):
        fuzz(careless, 500, 1)
