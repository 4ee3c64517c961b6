"""Training that is killed and restarted."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app

pytestmark = pytest.mark.model

PATIENCE = 240.0


def events(out: Path, kind: str) -> list[dict[str, Any]]:
    """Return the complete lines of the log with events of a kind; the last may be half written."""
    log = out / "training.jsonl"
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    complete = [json.loads(line) for line in lines if line.endswith("\n")]
    return [line for line in complete if line["event"] == kind]


def test_a_killed_run_continues_after_its_last_epoch(sixty_rows: Path, tmp_path: Path) -> None:
    """A machine that fails would cost a night's training, or leave half a model."""
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
    finished = len(events(out, "epoch"))
    assert 1 <= finished < 4
    assert not (out / "newsquake.json").exists()
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr[-2_000:]
    first, second = events(out, "begin")
    assert (first["done"], second["steps"]) == (0, first["steps"])
    assert second["done"] >= finished * first["steps"] // 4
    numbers = [epoch["number"] for epoch in events(out, "epoch")]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 4
    assert (out / "newsquake.json").exists()


def test_an_unfinished_run_with_other_options_is_refused(sixty_rows: Path, tmp_path: Path) -> None:
    """A user who repeats a killed run with other options would get a traceback."""
    from nlp.training.recipe import Recipe
    from nlp.training.snapshot import RunState

    folder = tmp_path / "model" / "training" / "1"
    folder.mkdir(parents=True)
    recipe = Recipe(epochs=9).model_dump(mode="json")
    state = RunState(recipe=recipe, epochs=1, best=0.5, since_best=0)
    (folder / "snapshot.json").write_text(state.model_dump_json())
    arguments = ["--sentiment", str(sixty_rows), "--out", str(tmp_path / "model")]
    result = CliRunner().invoke(app, ["train", *arguments, "--device", "cpu"])
    assert result.exit_code == 2
    assert "holds an unfinished run with other options" in " ".join(result.stderr.split())
    assert "Traceback" not in result.output
