"""Articles a second that one core reads, compared with another checkout in turn; see README.md.

Each turn runs in a process of its own: first the other checkout, then this one.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import results
import table

ROOT = Path(__file__).parents[1]


def rate(count: int) -> float:
    """Return the articles a second that this process reads and writes; the best of five passes."""
    from articles import articles

    read = reader()
    values = [item.value for item in articles(count)]
    rates = []
    for _ in range(5):
        begin = time.process_time()
        for value in values:
            read(value).to_bytes()
        rates.append(count / (time.process_time() - begin))
    return max(rates)


def reader() -> Callable[[bytes], Any]:
    """Return the function that reads a record; releases before profiles have `decode` alone."""
    try:
        from schemas.incoming.reading import read_record
    except ImportError:
        from schemas import incoming

        old: Any = incoming  # a module then, a package now
        return lambda value: old.decode(value, ())
    return lambda value: _written(read_record(value, ())[0])


def _written(reading: Any) -> Any:
    """Return what an agent writes of an article; releases before structs have its model."""
    return reading.struct if hasattr(reading, "struct") else reading.article


def measure(checkout: Path, count: int) -> float:
    """Return the rate of the code in ``checkout``."""
    paths = os.pathsep.join([str(checkout), str(ROOT / "bench")])
    command = [sys.executable, str(Path(__file__).resolve()), "--one", "--articles", str(count)]
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(
        command, cwd=checkout, env=environment, check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def main() -> None:
    """Measure both checkouts in turn and print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path, nargs="?", help="another checkout to compare with")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--articles", type=int, default=20_000, help="in a pass")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    results.add_options(parser)
    options = parser.parse_args()
    if options.one:
        print(rate(options.articles))
        return
    checkouts = [path for path in (options.other, ROOT) if path]
    rates: dict[Path, list[float]] = {path: [] for path in checkouts}
    for _ in range(options.turns):
        for path in checkouts:
            rates[path].append(measure(path, options.articles))
    names = {path: "this checkout" if path == ROOT else str(path) for path in checkouts}
    rows = [[names[path], table.spread(measured)] for path, measured in rates.items()]
    title = (
        f"{options.articles:,} articles read from JSON and written again by one core, "
        f"{options.turns} runs each in turn; median (smallest\u2013largest)."
    )
    runs = [{"checkout": names[path], "rates": measured} for path, measured in rates.items()]
    rendered = table.render(["", "articles/s of CPU time"], rows)
    results.publish(title, rendered, runs, options)
    if options.other:
        pairs = zip(rates[ROOT], rates[options.other], strict=True)
        ratios = [ours / theirs for ours, theirs in pairs]
        print(f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
