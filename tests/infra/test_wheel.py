"""The wheel, built as users get it: the data of each room is in it, and is read from it."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
CHECK = (sys.executable, "-c", "from cli.main import app; app()", "check", "-", "--json")
ITEM = {
    "title": "Microsoft warns of lower profit",
    "symbol": "ACME",
    "publishedDate": "2026-03-03 03:15:00",
    "url": "https://news.example/a",
    "site": "news.example",
    "text": "It fell.",
}
"""An item of a feed whose times are New York's, which only its profile knows."""


def uv() -> str:
    """Return the uv that runs these tests, or that made their environment."""
    beside = Path(sys.prefix).parent / ".uv/bin/uv"
    file = os.environ.get("UV") or shutil.which("uv") or (str(beside) if beside.exists() else "")
    assert file, "there is no uv to build the wheel with: run the tests with make test"
    return file


def git_files(*folders: str) -> set[str]:
    """Return the names of all tracked files in ``folders``."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *folders],  # noqa: S607 - git is where the user's PATH has it
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {name for name in listed.stdout.split("\0") if (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that is in the wheel; the network is asked only if uv must be."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [uv(), "build", "--wheel", "--out-dir", str(folder), str(ROOT)]
    for options in (["--offline"], []):
        built = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        if not built.returncode:
            break
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    with ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_every_file_of_the_rooms_is_in_the_wheel(unpacked: Path) -> None:
    """Profiles, word lists or the model would be missing wherever it is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    rooms = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    files = git_files(*rooms)
    assert "schemas/sources/alpaca.toml" in files
    assert sorted(name for name in files if not (unpacked / name).is_file()) == []


def test_the_wheel_reads_its_data(unpacked: Path) -> None:
    """Commands would work in a checkout only, since they find profiles and companies there."""
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run(
        CHECK, cwd=unpacked, env=environment, input=json.dumps(ITEM), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    item = json.loads(done.stdout)
    assert item["published"] == "2026-03-03T08:15:00Z"
    assert item["companies_in_text"] == ["MSFT"]
