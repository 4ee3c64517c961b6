"""The language of the source: names, docstrings and functions that a stranger reads once.

The measures and what they hold down are explained in CONTRIBUTING.md. They look at the rooms only,
not at tests and benchmarks.
"""

import ast
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (
    "schemas",
    "nlp",
    "detection",
    "streams",
    "agents",
    "infra",
    "backtest",
    "demo",
    "dashboard",
    "cli",
)
FILLER_WORDS = """
it found said told own one known of each given part parts place at here two three kept begun whole
usual made seen some more most least
"""
FILLER_NAMES = frozenset(FILLER_WORDS.split())
"""Names that do not say what a variable holds."""
HEADLESS = re.compile(r"(What|Whether|How|Those|Of|As|For|By|In|Which|From)\b")
"""The first word of a docstring that begins without a verb and without a noun."""
MIN_WORDS = 3
"""Words of a public function's docstring; `See …` refers to the protocol that is implemented."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def parse_rooms() -> dict[Path, ast.Module]:
    """Return the syntax tree of every module of the rooms."""
    files = [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))]
    return {file.relative_to(ROOT): ast.parse(file.read_text("utf-8")) for file in files}


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    """Return the syntax trees, parsed once."""
    return parse_rooms()


def bound_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of every variable and parameter that ``tree`` binds."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg) and node.arg not in {"self", "cls"}:
            yield node.lineno, node.arg


def functions(tree: ast.AST) -> Iterator[Function]:
    """Yield every function and method of ``tree``."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def body_length(function: Function) -> int:
    """Return the number of lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_names_say_what_they_hold(trees: dict[Path, ast.Module]) -> None:
    """A reader would have to find out what `it` and `found` are before the line can be read."""
    names = [(file, *name) for file, tree in trees.items() for name in bound_names(tree)]
    fillers = [f"{file}:{line} {name}" for file, line, name in names if name in FILLER_NAMES]
    assert len(fillers) <= 0.015 * len(names), fillers


def test_docstrings_begin_with_a_verb_or_a_noun(trees: dict[Path, ast.Module]) -> None:
    """A reader would have to read the sentence twice to find its subject."""
    documented = [
        (f"{file}:{function.lineno} {text.splitlines()[0]}", bool(HEADLESS.match(text)))
        for file, tree in trees.items()
        for function in functions(tree)
        if (text := ast.get_docstring(function))
    ]
    headless = [where for where, bad in documented if bad]
    assert len(headless) <= 0.03 * len(documented), headless


def test_docstrings_of_public_functions_are_sentences(trees: dict[Path, ast.Module]) -> None:
    """A docstring such as "By the rule above." tells a reader nothing that the name does not."""
    short = [
        f"{file}:{function.lineno} {text}"
        for file, tree in trees.items()
        for function in functions(tree)
        if not function.name.startswith("_")
        if (text := ast.get_docstring(function))
        if len(text.split()) < MIN_WORDS and not text.startswith("See ")
    ]
    assert short == []


def test_steps_are_not_hidden_in_functions_used_once(trees: dict[Path, ast.Module]) -> None:
    """A reader would jump through the file for every few lines that could stand where they run."""
    total, once = 0, []
    for file, tree in trees.items():
        uses: Counter[str] = Counter()
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                uses[node.id] += 1
            elif isinstance(node, ast.Attribute):
                uses[node.attr] += 1
        for function in functions(tree):
            total += 1
            private = function.name.startswith("_") and not function.name.startswith("__")
            if private and uses[function.name] == 1:
                once.append(f"{file}:{function.lineno} {function.name}")
    assert len(once) <= 0.15 * total, once


def test_functions_are_short(trees: dict[Path, ast.Module]) -> None:
    """A function that does not fit on a screen can't be checked by reading it."""
    lengths = {
        f"{file}:{function.lineno} {function.name}": body_length(function)
        for file, tree in trees.items()
        for function in functions(tree)
    }
    assert statistics.median(lengths.values()) <= 6
    assert statistics.quantiles(lengths.values(), n=10)[-1] <= 20
    assert {where: length for where, length in lengths.items() if length > 40} == {}


def test_folders_are_small(trees: dict[Path, ast.Module]) -> None:
    """A stranger could not guess in which of thirty files of a folder to look."""
    folders = Counter(file.parent for file in trees if file.name != "__init__.py")
    assert {str(folder): count for folder, count in folders.items() if count > 15} == {}
