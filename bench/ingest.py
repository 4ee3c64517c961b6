"""Articles a second that one core reads, compared with another checkout in turn; see README.md.

Each turn runs in a process of its own: first the other checkout, then this one.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
ARTICLES = 20_000


class RawRecord(NamedTuple):
    """A record of `news.raw`, as far as ingest looks at it."""

    value: bytes
    offset: int
    key: bytes = b""
    topic: str = "news.raw"
    partition: int = 0
    timestamp: int = 1_700_000_000_000
    headers: tuple[tuple[str, bytes], ...] = ()


def rate() -> float:
    """Return the articles a second that this process's ingest accepts; the best of five passes."""
    from articles import articles

    from agents.ingest import Ingest
    from streams.core.handler import Batch

    records = [RawRecord(item.value, index) for index, item in enumerate(articles(ARTICLES))]
    ingest, rates = Ingest("news.accepted"), []
    for _ in range(5):
        begin = time.process_time()
        for start in range(0, ARTICLES, 500):
            batch: Batch[None] = Batch(0, records[start : start + 500], None, 0)
            (decision,) = asyncio.run(ingest.handle([batch]))
            if len(decision.messages) != len(batch.records):
                raise SystemExit(f"not all articles were accepted: {decision.rejections[:1]}")
        rates.append(ARTICLES / (time.process_time() - begin))
    return max(rates)


def measure(checkout: Path) -> float:
    """Return the rate of the code in ``checkout``."""
    paths = os.pathsep.join([str(checkout), str(ROOT / "bench")])
    command = [sys.executable, str(Path(__file__).resolve()), "--one"]
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
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(rate())
        return
    checkouts = [path for path in (options.other, ROOT) if path]
    rates: dict[Path, list[float]] = {path: [] for path in checkouts}
    for _ in range(options.turns):
        for path in checkouts:
            rates[path].append(measure(path))
    for path, measured in rates.items():
        print(f"{path}: {statistics.median(measured):,.0f} articles/s a core, {len(measured)} runs")
    if options.other:
        pairs = zip(rates[ROOT], rates[options.other], strict=True)
        ratios = [ours / theirs for ours, theirs in pairs]
        print(f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
