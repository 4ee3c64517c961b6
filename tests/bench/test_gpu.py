"""The file that is packed for a graphics card measures where there is nothing but PyTorch."""

import csv
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

BENCH = Path(__file__).parents[2] / "bench"
TITLES = ("world_events.csv", "plainly_bad.csv")
"""Headlines of our own."""
COUNT = 72
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file that `gpu.py` writes."""
    folder = tmp_path_factory.mktemp("gpu")
    titles, out = folder / "titles.csv", folder / "gpu.zip"
    with titles.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["title"])
        for name in TITLES:
            with (BENCH / name).open(encoding="utf-8", newline="") as rows:
                writer.writerows([row["headline"]] for row in csv.DictReader(rows))
    argv = [sys.executable, str(BENCH / "gpu.py"), str(out), "--count", str(COUNT)]
    subprocess.run([*argv, "--headlines", str(titles)], check=True)
    return out


@pytest.fixture(scope="module")
def bare_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with PyTorch and numpy and what they require, and nothing else."""
    folder = tmp_path_factory.mktemp("site")
    for name in closure("torch", "numpy"):
        files = distribution(name).files or []
        for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            source = Path(str(distribution(name).locate_file(top)))
            if source.exists() and not (folder / top).exists():
                (folder / top).symlink_to(source)
    return folder


def closure(*names: str) -> set[str]:
    """Return the installed distributions that the named ones require, and these."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        try:
            needs = requires(name) or []
        except PackageNotFoundError:  # for another system
            continue
        if name not in found:
            found.add(name)
            parsed = map(Requirement, needs)
            waiting += [need.name for need in parsed if not need.marker or need.marker.evaluate()]
    return found


def run(
    packed: Path, site: Path, out: Path, *options: str
) -> tuple["subprocess.CompletedProcess[str]", dict[str, Any]]:
    """Run the file as its user does, by a Python without the packages of this project."""
    python = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    argv = [str(python), str(packed), "--device", "cpu", "--turn", "0.1", "--sizes", "4", "8"]
    environ = {**os.environ, "PYTHONPATH": str(site), "PYTHONNOUSERSITE": "1"}
    done = subprocess.run(
        [*argv, "--out", str(out), *options],
        cwd=packed.parent,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (out / "gpu.json").exists(), done.stderr
    return done, json.loads((out / "gpu.json").read_text())


def test_the_pack_is_small_and_measures_on_a_bare_machine(
    packed: Path, bare_site: Path, tmp_path: Path
) -> None:
    """Whoever rents a card for an hour would spend it on installing, or get no figure."""
    assert packed.stat().st_size < 60_000_000
    done, report = run(packed, bare_site, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    phases = report["phases"]
    assert {phase["end"] for phase in phases.values()} == {"done"}
    for name in ("fp32", "bf16", "model", "worker"):
        assert min(row["rate"] for row in phases[name]["rows"]) > 0, name
    table = (tmp_path / "gpu.md").read_text()
    assert "| the agent score, fed from memory | fp32 |" in table
    assert "bf16 compiled: left out, it says nothing about a processor." in table
    exact, rough = phases["answers"]["rows"]
    assert exact["compared"] >= 50
    assert exact["difference"] < 0.002
    assert exact["sentiments"] == exact["topics"] == 1.0
    assert rough["difference"] < 0.05


def test_wrong_weights_and_a_missing_file_are_noticed(
    packed: Path, bare_site: Path, tmp_path: Path
) -> None:
    """A table would be published of a network that computes something else, or none at all."""
    folder = tmp_path / "unpacked"
    shutil.unpack_archive(packed, folder)
    weights = folder / "model" / "weights.bin"
    content = weights.read_bytes()
    half = len(content) // 2
    weights.write_bytes(content[:half] + bytes(len(content) - half))
    shutil.rmtree(folder / "site" / "agents")
    wrong = tmp_path / "wrong.zip"
    with zipfile.ZipFile(wrong, "w") as archive:  # not compressed, which takes seconds
        for file in folder.rglob("*"):
            archive.write(file, file.relative_to(folder))
    done, report = run(wrong, bare_site, tmp_path / "out", "--phases", "fp32", "answers", "worker")
    assert done.returncode == 1
    assert "the figures mean nothing" in done.stderr
    phases = report["phases"]
    assert phases["fp32"]["end"] == phases["answers"]["end"] == "done"
    assert phases["worker"]["end"] == "failed: ModuleNotFoundError: No module named 'agents'"
    assert "**worker: failed: ModuleNotFoundError" in (tmp_path / "out" / "gpu.md").read_text()


SCRIPT = """
import json, sys, time
for name in sys.argv[1:]:
    print(json.dumps({"row": {"rate": len(name)}}), flush=True)
    if name == "hangs":
        time.sleep(60)
    if name == "fails":
        raise ValueError("no such card")
    print(json.dumps({"done": name}), flush=True)
"""


def test_a_phase_that_hangs_or_fails_costs_only_its_own_figures() -> None:
    """One defect of a driver would cost the figures of the whole rented hour."""
    from gpu_phase_watch import Report, run_phases

    report = Report()
    limits = {"one": 30.0, "hangs": 1.0, "fails": 30.0, "two": 30.0}
    began = time.monotonic()
    run_phases([sys.executable, "-c", SCRIPT], limits, began + 50, report)
    ends = {name: outcome.end for name, outcome in report.phases.items()}
    assert ends == {
        "one": "done",
        "hangs": "stopped after 1 s",
        "fails": "failed: ValueError: no such card",
        "two": "done",
    }
    assert report.rows("hangs") == [{"rate": 5}]
    assert time.monotonic() - began < 50


def test_all_phases_together_end_in_time() -> None:
    """A machine that is lent for eight minutes would go back before the tables are written."""
    from gpu_phase_watch import NOT_RUN, Report, run_phases
    from gpu_run import LIMITS, MAX_SECONDS

    assert sum(LIMITS.values()) <= MAX_SECONDS <= 450
    report, began = Report(), time.monotonic()
    limits = {"hangs": 60.0, "two": 60.0}
    run_phases([sys.executable, "-c", SCRIPT], limits, began + 1.5, report)
    assert time.monotonic() - began < 20
    assert report.phases["hangs"].end.startswith("stopped after")
    assert report.phases["two"].end == NOT_RUN


def test_a_batch_holds_headlines_of_like_lengths() -> None:
    """A rate would be that of padding, or of short headlines only."""
    from gpu_network import strata

    windows = [[0] * length for length in range(1, 101)]
    for size in (1, 4, 40):
        batches = [list(map(len, batch)) for batch in strata(windows, size)]
        assert {len(batch) for batch in batches} == {size}
        means = [sum(batch) / size for batch in batches]
        assert means == sorted(means)
        assert sum(means) / len(means) == pytest.approx(50.5, abs=1.5)
        assert max(max(batch) - min(batch) for batch in batches) <= 13
