"""Speed of reading files: rows/s from a file to messages, and with the pipeline's verdict on each.

python bench/rows.py [--rows 200000]
"""

import argparse
import csv
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from infra.input.messages import read_messages
from infra.input.verdicts import Judge

_WORDS = ("profit", "warning", "fraud", "growth", "guidance", "merger", "recall", "lawsuit")


def write(folder: Path, rows: int) -> list[Path]:
    """Write the same articles as CSV, and as JSON lines."""
    table, lines = folder / "news.csv", folder / "news.jsonl"
    names = ("headline", "published", "tickers", "url", "summary")
    with table.open("w", newline="") as csv_file, lines.open("w") as json_file:
        writer = csv.writer(csv_file)
        writer.writerow(names)
        for number in range(rows):
            words = " ".join(_WORDS[(number * k) % len(_WORDS)] for k in (1, 3, 7))
            row = (
                f"Company {number}, {words}",
                f"2026-03-03T08:{number // 60 % 60:02}:{number % 60:02}Z",
                f"C{number % 500}",
                f"https://w.example/{number}",
                f"{words} {words} {words}, said the company",
            )
            writer.writerow(row)
            json_file.write(json.dumps(dict(zip(names, row, strict=True))) + "\n")
    return [table, lines]


def rate(count: Callable[[], int]) -> float:
    """Return what ``count`` returns, a second; the best of three."""
    rates = []
    for _ in range(3):
        begin = time.perf_counter()
        items = count()
        rates.append(items / (time.perf_counter() - begin))
    return max(rates)


def main() -> None:
    """Print a table of rows a second."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        for file in write(Path(folder), rows):
            size = file.stat().st_size / 1e6

            def read(name: str = str(file)) -> int:
                return sum(1 for _ in read_messages([name]))

            def judge(name: str = str(file)) -> int:
                own = Judge()
                return sum(1 for row in read_messages([name]) for _ in own.verdicts(row))

            print(
                f"{file.name}, {size:.0f} MB: {rate(read):,.0f} rows/s read, "
                f"{rate(judge):,.0f} rows/s with a verdict"
            )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
