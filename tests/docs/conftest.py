"""How-tos, followed word for word on a copy of the source."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHANGED_ROOMS = ("schemas", "agents", "infra", "cli", "demo")
OTHER_ROOMS = ("nlp", "detection", "streams")
TESTS = (
    "pyproject.toml",
    "tests/agents/conftest.py",
    "tests/agents/test_pipeline.py",
    "tests/schemas/test_export.py",
    "tests/infra/test_exporter.py",
    "tests/golden/records-news.signals.jsonl",
    "docs/metrics.md",
)
"""Tests that must still pass after a how-to was followed, and what they read."""
STEP = re.compile(r"`([\w/]+\.py)`:\n\n```(python|diff)\n(.*?)^```", re.DOTALL | re.MULTILINE)
"""A file's name at the end of a line, and the block below it: a whole file, or changes of it."""
COPY = re.compile(r"Copy\n?\s*\[[^\]]+\]\(([^)]+)\) to `([\w/]+\.py)`")
"""An example's file beside the page, and the file that it becomes."""

Follow = Callable[[str], Path]
RunPython = Callable[..., str]


def apply_diff(text: str, diff: str) -> str:
    """Return ``text`` with the hunks of ``diff``, each of which must fit exactly one place."""
    for hunk in diff.split("@@\n"):
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] != "+")
        after = "".join(line[1:] for line in lines if line[0] != "-")
        assert text.count(before) == 1, f"fits {text.count(before)} places:\n{hunk}"
        text = text.replace(before, after)
    return text


@pytest.fixture(scope="session")
def follow(tmp_path_factory: pytest.TempPathFactory) -> Follow:
    """Return a function that copies the source and does all that a page of docs/how-to says."""

    def do_all_steps(page: str) -> Path:
        folder = tmp_path_factory.mktemp("source")
        for room in CHANGED_ROOMS:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / room, folder / room, ignore=ignored)
        for room in OTHER_ROOMS:
            (folder / room).symlink_to(ROOT / room)
        for name in TESTS:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        text = (ROOT / "docs/how-to" / page).read_text("utf-8")
        for example, name in COPY.findall(text):
            shutil.copy(ROOT / "docs/how-to" / example, folder / name)
        steps = STEP.findall(text)
        assert steps
        for name, kind, block in steps:
            file = folder / name
            file.write_text(apply_diff(file.read_text("utf-8"), block) if kind == "diff" else block)
        return folder

    return do_all_steps


@pytest.fixture(scope="session")
def run_python() -> RunPython:
    """Return a function that runs Python in a copy of the source, and returns what it prints."""

    def run(folder: Path, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run
