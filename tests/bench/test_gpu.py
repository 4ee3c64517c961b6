"""What is packed for a graphics card runs where there is nothing but PyTorch."""

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

BENCH = Path(__file__).parents[2] / "bench"
HEADLINES = 96
pytestmark = [pytest.mark.model, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file that `gpu.py` writes, with headlines of our own."""
    folder = tmp_path_factory.mktemp("gpu")
    titles = folder / "titles.csv"
    rows = [f'"Acme cuts its forecast for quarter {n} after a fire"' for n in range(HEADLINES)]
    titles.write_text("\n".join(["title", *rows]))
    out = folder / "gpu.zip"
    argv = [sys.executable, str(BENCH / "gpu.py"), str(out), "--count", str(HEADLINES)]
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


def test_the_pack_is_small_and_measures_on_a_bare_machine(packed: Path, bare_site: Path) -> None:
    """The lent hours of a card would be spent on installing, or end without a figure."""
    assert packed.stat().st_size < 60 * 1024 * 1024
    out = packed.parent / "out"
    argv = [sys.executable, "-S", "-s", str(packed), "--device", "cpu", "--turn", "0.2"]
    environ = {**os.environ, "PYTHONPATH": str(bare_site)}
    done = subprocess.run(
        [*argv, "--sizes", "8", "16", "--out", str(out)],
        cwd=packed.parent,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads((out / "gpu.json").read_text())
    assert report["difference"] < 0.01
    assert {row["mode"] for row in report["network"]} == {"fp32", "bf16"}
    rates = [row["rate"] for row in report["network"]] + [report["model"], report["agent"]]
    assert min(rates) > 0
    assert "| the agent score, fed from memory |" in (out / "gpu.md").read_text()


def test_wrong_weights_are_noticed(packed: Path, bare_site: Path, tmp_path: Path) -> None:
    """A table of a network that computes something else would be published."""
    folder = tmp_path / "unpacked"
    shutil.unpack_archive(packed, folder)
    weights = folder / "model" / "weights.bin"
    content = weights.read_bytes()
    half = len(content) // 2
    weights.write_bytes(content[:half] + bytes(len(content) - half))
    wrong = shutil.make_archive(str(tmp_path / "wrong"), "zip", folder)
    argv = [sys.executable, "-S", "-s", wrong, "--device", "cpu", "--turn", "0.1", "--sizes", "8"]
    environ = {**os.environ, "PYTHONPATH": str(bare_site)}
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "the figures mean nothing" in done.stderr
