"""Run the matrix and print its table: ``python -m tests.chaos``."""

import argparse
import asyncio
import logging
import os
import time

import structlog

from infra.cache_dir import user_cache_dir
from tests.chaos.matrix import MATRIX
from tests.chaos.report import HEAD, row
from tests.chaos.run import carry_out


def main() -> int:
    """Run the rows that are asked for; return 0 if each is clean."""
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--only", default="", help="rows whose names contain this")
    parser.add_argument("--times", type=int, default=0, help="repeat each fault so many times")
    parser.add_argument("--seconds", type=float, default=0.0, help="feed each row for so long")
    options = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    jars = user_cache_dir(os.environ)
    bad = 0
    print(HEAD, flush=True)
    for fault in MATRIX:
        if options.only not in fault.name:
            continue
        times = options.times or fault.times
        try:
            result = asyncio.run(
                carry_out(fault.site, [(fault.inject, times)], jars, options.seconds)
            )
        except AssertionError as error:
            bad += 1
            print(f"{fault.name}: {error}", flush=True)
            continue
        bad += bool(result.account.problems)
        print(row(fault, times, result), flush=True)
        if result.account.problems:
            with open(f"chaos-{int(time.time())}.log", "w") as file:
                file.write(result.log)
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
