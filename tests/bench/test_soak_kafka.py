"""The soak runs real workers, kills one, and its exit code is its verdict."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).parents[2] / "bench/soak.py"


@pytest.mark.chaos
@pytest.mark.timeout(900)
def test_a_minute_under_load_with_kills_loses_nothing(tmp_path: Path) -> None:
    """A soak would be green that kills nobody, watches nobody, or ends with 0 whatever it finds."""
    file, image = tmp_path / "found.json", tmp_path / "curve.svg"
    options = ("--minutes", "1", "--rate", "20", "--every", "3", "--kill-every", "15")
    argv = [sys.executable, SOAK, *options, "--json", file, "--image", image]
    done = subprocess.run(list(map(str, argv)), capture_output=True, text=True, check=False)
    assert file.exists(), done.stderr[-3000:]
    found = json.loads(file.read_text())
    kills = re.search(r"was killed (\d+) times", found["title"])
    assert kills
    assert int(kills[1]) >= 1
    assert "were lost" not in found["table"]
    assert "came twice" not in found["table"]
    assert done.returncode == ("**not flat**" in found["table"]), found["table"]
    assert all(look["memory"] > 50 and look["sockets"] > 0 for look in found["runs"])
    assert image.read_text().startswith("<?xml")


def test_a_soak_that_is_too_short_says_what_to_change() -> None:
    """A slope would be judged by two samples."""
    argv = [sys.executable, str(SOAK), "--minutes", "1", "--every", "30"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "8 samples are needed: more --minutes, or --every fewer seconds" in done.stderr
