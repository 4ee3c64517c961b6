"""An earlier release of Newsquake, from a checkout, to measure in turn with this one."""

import argparse
import os
import subprocess
from pathlib import Path


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the checkout."""
    parser.add_argument(
        "--earlier", type=Path, metavar="CHECKOUT", help="an earlier release, in turn with this one"
    )


def title(checkout: Path) -> str:
    """Return what the release is called in a table, such as ``Newsquake at 7af09fe``.

    Raises:
        SystemExit: the folder is no checkout.
    """
    git = ["git", "-C", str(checkout), "rev-parse", "--short=7", "HEAD"]
    done = subprocess.run(git, capture_output=True, text=True, check=False)
    if done.returncode or not (checkout / "cli/main.py").exists():
        raise SystemExit(f"{checkout} is no checkout of Newsquake: git worktree add it first")
    return f"Newsquake at {done.stdout.strip()}"


def environment(checkout: Path) -> dict[str, str]:
    """Return variables by which a process imports the release, and its benchmarks, first."""
    folders = [str(checkout.resolve()), str((checkout / "bench").resolve())]
    inherited = os.environ.get("PYTHONPATH", "")
    return {"PYTHONPATH": os.pathsep.join([*folders, *filter(None, [inherited])])}
