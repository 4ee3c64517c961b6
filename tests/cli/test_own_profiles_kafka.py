"""A profile of the user's own on a real broker: what publish says is what a worker makes of it."""

import json
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

pytestmark = pytest.mark.kafka
Run = Callable[..., subprocess.CompletedProcess[str]]
Working = Callable[[], AbstractContextManager[None]]
PROFILE = """
shape = ["Schlagzeile", "Tag"]
zone = "Asia/Tokyo"
formats = ["%d/%m/%Y %H:%M"]
[names]
headline = ["Schlagzeile"]
published = ["Tag"]
companies = ["codes"]
"""
SECONDS = 60


def test_what_publish_says_of_an_own_profile_is_what_a_worker_makes_of_it(
    environment: dict[str, str], newsquake: Run, working: Working, tmp_path: Path
) -> None:
    """Rows that publish calls articles would die in the pipeline, or carry another date."""
    folder, file = tmp_path / "profiles", tmp_path / "news.csv"
    folder.mkdir()
    (folder / "tokyo.toml").write_text(PROFILE)
    file.write_text("Schlagzeile,Tag,codes\nAcme cuts,03/04/2026 08:15,ACME\n")
    environment["NEWSQUAKE_INGEST__PROFILES"] = str(folder)
    environment["NEWSQUAKE_WORKER__SPLIT"] = "false"
    assert newsquake("topics", "create").returncode == 0
    published = newsquake("publish", str(file))
    assert "published 1, skipped 0\nthe pipeline reads 1 article" in published.stdout
    (checked,) = newsquake("check", str(file), "--json").stdout.splitlines()

    with working():
        deadline = time.monotonic() + SECONDS
        lines: list[str] = []
        while not lines:
            assert time.monotonic() < deadline
            watch = ("watch", "scored", "--json", "--from-beginning", "--until-idle", "1")
            lines = newsquake(*watch).stdout.splitlines()
    (scored,) = map(json.loads, lines)
    item = json.loads(checked)
    assert scored["article"]["key"] == item["identity"]
    assert item["published"] == "2026-04-02T23:15:00Z"
    assert scored["article"]["published"] == item["published"]
    assert "company:ACME" in scored["subjects"]
