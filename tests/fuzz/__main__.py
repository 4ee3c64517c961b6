"""Fuzz all readers: ``python -m tests.fuzz --inputs 100000``."""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
from hypothesis import Phase

from tests.fuzz.targets import TARGETS, Target


def fuzz(target: Target, inputs: int, seed: int) -> int:
    """Read so many inputs, and return how many were read; the first bad one raises."""
    count = 0

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=inputs,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(target.inputs)
    def read(value: object) -> None:
        nonlocal count
        count += 1
        target.check(value)

    read()
    return count


def fuzz_guided(name: str, inputs: int, seed: int) -> int:
    """Let atheris make so many inputs for a reader, and return how many were values to read.

    Raises:
        CalledProcessError: One made the reader raise what it may not; its traceback is printed.
    """
    with TemporaryDirectory() as folder:
        counted = Path(folder) / "count"
        options = [f"-atheris_runs={inputs}", f"-seed={seed + 1}", f"-artifact_prefix={folder}/"]
        command = [sys.executable, "-m", "tests.fuzz.guided", name, str(counted), *options]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            _print(done.stderr)
            done.check_returncode()
        return int(counted.read_text())


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz the chosen targets; return 0 if each raised only what it may."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--inputs", type=int, default=10_000, help="inputs of each target")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other inputs")
    parser.add_argument("--only", default="", help=f"of {','.join(TARGETS)}")
    engines = ("hypothesis", "atheris")
    parser.add_argument("--engine", default="hypothesis", choices=engines, help="makes the inputs")
    options = parser.parse_args(arguments)
    is_guided = options.engine == "atheris"
    if is_guided and find_spec("atheris") is None:
        parser.error(
            "atheris is not installed: `pip install --target DIR atheris`, and name DIR in "
            "PYTHONPATH"
        )
    chosen = [name for name in options.only.split(",") if name] or list(TARGETS)
    total = 0
    for name in chosen:
        begin = time.monotonic()
        if is_guided:
            count = fuzz_guided(name, options.inputs, options.seed)
        else:
            count = fuzz(TARGETS[name], options.inputs, options.seed)
        total += count
        _print(f"{name}: {count} inputs in {time.monotonic() - begin:.0f} s")
    _print(f"{total} inputs, and no exception that is not documented")
    return 0


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
