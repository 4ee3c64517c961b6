"""Runs of models, each in a process of its own."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Run(NamedTuple):
    """A run of a contender.

    Attributes:
        name: of the contender, and of the model if it is another one.
        rate: headlines a second.
        peak: megabytes.
        load: seconds to load it.
        labels: indices of sentiment and topic of each headline.
    """

    name: str
    rate: float
    peak: float
    load: float
    labels: list[tuple[int, int]]


def run_alone(
    script: Path, name: str, model: str, options: argparse.Namespace, own: Mapping[str, str] = {}
) -> Run:
    """Run the contender ``name`` of a ``script``, with further variables of its ``own``."""
    argv = [sys.executable, str(script), "--one", name, "--count", str(options.count)]
    argv += ["--headlines", str(options.headlines.resolve()), "--model", model]
    environ = {**os.environ, **own}
    done = subprocess.run(argv, env=environ, check=True, stdout=subprocess.PIPE, text=True)
    return Run(*json.loads(done.stdout.splitlines()[-1]))


def earlier_runs(file: Path | None) -> list[Run]:
    """Return the runs of earlier calls, so that the machine need not be idle for all at once."""
    if file is None or not file.exists():
        return []
    return [Run(*json.loads(line)) for line in file.read_text().splitlines()]
