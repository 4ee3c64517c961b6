"""The examples in detection's docstrings."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import detection

MODULES = [it.name for it in pkgutil.iter_modules(detection.__path__) if not it.ispkg]
PLAIN = {"closing", "detector", "ordering", "population", "reading", "report", "shared", "subject"}
"""Those whose use takes more than an example; `test_population_laws` shows it."""


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name: str) -> None:
    """A reader would copy an example that does not work."""
    failed, attempted = doctest.testmod(import_module(f"detection.{name}"))
    assert failed == 0
    assert attempted > 0 or name in PLAIN | {"judgement", "telling", "watermarks"}
