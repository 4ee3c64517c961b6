"""Fuzz all readers: ``python -m tests.fuzz --inputs 100000``."""

import argparse
import sys
import time
from collections.abc import Sequence

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
        try:
            target.read(value)
        except target.errors as error:
            str(error)

    read()
    return count


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz the chosen targets; return 0 if each raised only what it may."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--inputs", type=int, default=10_000, help="inputs of each target")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other inputs")
    parser.add_argument("--only", default="", help=f"of {','.join(TARGETS)}")
    options = parser.parse_args(arguments)
    chosen = [name for name in options.only.split(",") if name] or list(TARGETS)
    total = 0
    for name in chosen:
        begin = time.monotonic()
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
