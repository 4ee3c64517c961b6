"""Run the matrix and print its table: ``python -m tests.chaos``, or ``make chaos``."""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog

from infra.cache_dir import user_cache_dir
from tests.chaos.matrix import MATRIX, Fault
from tests.chaos.report import HEAD, row
from tests.chaos.run import carry_out

_ROW_SECONDS = 900.0
"""A row that takes longer has failed."""


def main(arguments: Sequence[str] | None = None, matrix: Sequence[Fault] = MATRIX) -> int:
    """Run the rows that are asked for; return 0 if each is clean."""
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--only", default="", help="rows whose names contain one of these, a,b")
    parser.add_argument("--times", type=int, default=0, help="repeat each fault so many times")
    parser.add_argument("--seconds", type=float, default=0.0, help="feed each row for so long")
    parser.add_argument("--logs", type=Path, help="where the log of a row that fails is written")
    options = parser.parse_args(arguments)
    names = options.only.split(",")
    chosen = [fault for fault in matrix if any(name in fault.name for name in names)]
    if not chosen:
        parser.error(
            f"--only {options.only} names no row: {', '.join(fault.name for fault in matrix)}"
        )
    for library in ("aiokafka", "asyncio"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)
    _print(HEAD)
    clean = [
        _run(fault, options.times or fault.times, options.seconds, options.logs) for fault in chosen
    ]
    return 0 if all(clean) else 1


def _run(fault: Fault, times: int, seconds: float, logs: Path | None) -> bool:
    """Run a row and print it; return whether it is clean."""
    work = carry_out(fault.site, [(fault.inject, times)], user_cache_dir(os.environ), seconds)
    try:
        result = asyncio.run(asyncio.wait_for(work, _ROW_SECONDS))
    except (AssertionError, TimeoutError) as error:
        _print(f"{fault.name}: {error or 'was not over in time'}")
        return False
    _print(row(fault, times, result))
    if result.account.problems and logs:
        (logs / f"chaos-{fault.name.replace(' ', '-')}.log").write_text(result.log)
    return not result.account.problems


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
