"""An earlier release is measured by its own code, and named by its commit."""

import os
import re
import subprocess
import sys
from pathlib import Path

import earlier
import pytest

ROOT = Path(__file__).parents[2]


def test_a_release_is_named_by_its_commit() -> None:
    """A ratio would say nothing: nobody knows against which release."""
    assert re.fullmatch(r"Newsquake at [0-9a-f]{7}", earlier.title(ROOT))


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path) -> None:
    """The release would be compared with itself, and nothing would have become faster."""
    with pytest.raises(SystemExit, match="is no checkout of Newsquake: git worktree add"):
        earlier.title(tmp_path)


def test_its_processes_import_its_own_code(tmp_path: Path) -> None:
    """Both contenders would run the same code."""
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli/__init__.py").touch()
    (tmp_path / "cli/main.py").write_text("print('the earlier one')\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", "import cli.main"],
        env={**os.environ, **earlier.environment(tmp_path)},
        cwd=elsewhere,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "the earlier one\n"
