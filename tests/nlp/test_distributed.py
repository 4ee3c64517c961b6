"""Training by several processes that ``torchrun`` starts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.model


def command(processes: int, *arguments: str) -> list[str]:
    """Return the command line of ``newsquake train`` in several processes on this machine."""
    start = [sys.executable, "-m", "torch.distributed.run", f"--nproc-per-node={processes}"]
    start += ["--rdzv-backend=c10d", "--rdzv-endpoint=127.0.0.1:0", "--no-python"]
    return [*start, str(Path(sys.executable).with_name("newsquake")), "train", *arguments]


def test_two_processes_share_the_work_and_make_one_model(sixty_rows: Path, tmp_path: Path) -> None:
    """Several GPUs would train several models and keep one of them, or wait for ever."""
    out = tmp_path / "model"
    quick = ["--epochs", "1", "--batch", "4", "--held-out", "0.2", "--rank", "2", "--threads", "1"]
    arguments = ["--sentiment", str(sixty_rows), "--out", str(out), "--device", "cpu", *quick]
    environ = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command(2, *arguments),
        capture_output=True,
        text=True,
        check=False,
        env=environ,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    log = [json.loads(line) for line in (out / "training.jsonl").read_text().splitlines()]
    (begin,) = [line for line in log if line["event"] == "begin"]
    assert begin["steps"] == 6  # each process has half of 12 batches: 48 of the 60 rows
    assert (out / "newsquake.json").is_file()
    assert done.stderr.count("negative (20 rows), neutral (20 rows), positive (20 rows)") == 1
