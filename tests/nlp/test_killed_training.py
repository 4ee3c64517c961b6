"""Training that is killed and started again."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.model

PATIENCE = 240.0


def events(out: Path, kind: str) -> list[dict[str, Any]]:
    """Lines of the log; the last may be half written."""
    log = out / "training.jsonl"
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    complete = [json.loads(line) for line in lines if line.endswith("\n")]
    return [event for event in complete if event["event"] == kind]


def test_a_killed_run_goes_on_after_its_last_whole_epoch(sixty_rows: Path, tmp_path: Path) -> None:
    """A machine that is taken away would cost a night's training, or leave half a model."""
    out = tmp_path / "model"
    argv = [
        str(Path(sys.executable).with_name("newsquake")),
        "train",
        "--sentiment",
        str(sixty_rows),
    ]
    argv += ["--out", str(out), "--epochs", "4", "--patience", "4", "--batch", "2", "--rank", "2"]
    argv += ["--device", "cpu", "--threads", "1"]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + PATIENCE
        while not events(out, "epoch") and time.monotonic() < until:
            time.sleep(0.02)
        process.kill()
    epochs = len(events(out, "epoch"))
    assert 1 <= epochs < 4
    assert not (out / "newsquake.json").exists()
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr[-2_000:]
    first, second = events(out, "begin")
    assert (first["done"], second["steps"]) == (0, first["steps"])
    assert second["done"] >= epochs * first["steps"] // 4
    numbers = [event["number"] for event in events(out, "epoch")]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 4
    assert (out / "newsquake.json").exists()
