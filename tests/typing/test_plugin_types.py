"""Types of the plug-in API, as another package's type checker sees them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that both runs of mypy share."""
    return tmp_path_factory.mktemp("mypy")


def errors(plugin: Path, cache: Path, tmp_path: Path) -> dict[int, list[str]]:
    """Run ``mypy --strict`` on a copy in a folder of its own; return its errors by line."""
    copy = tmp_path / plugin.name
    # The project's own run of mypy ignores the mistakes.
    copy.write_text(plugin.read_text("utf-8").replace("# mypy: ignore-errors", ""), "utf-8")
    options = ["--strict", "--follow-imports=silent", f"--cache-dir={cache}", "--config-file="]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "--no-pretty", copy.name],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    by_line: dict[int, list[str]] = {}
    pattern = rf"^{re.escape(copy.name)}:(\d+): error: (.*)$"
    for line, message in re.findall(pattern, done.stdout, re.MULTILINE):
        by_line.setdefault(int(line), []).append(message)
    assert bool(by_line) == bool(done.returncode), done.stdout
    return by_line


def test_a_plug_in_that_keeps_the_types_passes(cache: Path, tmp_path: Path) -> None:
    """An author would have to silence errors in code that is right."""
    assert errors(HERE / "good_plugin.py", cache, tmp_path) == {}


def test_each_mistake_is_an_error(cache: Path, tmp_path: Path) -> None:
    """An author would learn of a wrong type from a worker in production."""
    plugin = HERE / "bad_plugin.py"
    lines = enumerate(plugin.read_text("utf-8").splitlines(), 1)
    expected = {number: line.partition("# E: ")[2] for number, line in lines if "# E: " in line}
    actual = errors(plugin, cache, tmp_path)
    assert actual.keys() == expected.keys()
    for number, message in expected.items():
        assert message in actual[number][0]


@pytest.mark.parametrize("package", ["nlp", "schemas"])
def test_the_package_says_that_it_is_typed(package: str) -> None:
    """A type checker would ignore every annotation of an installed package."""
    assert (ROOT / package / "py.typed").is_file()
