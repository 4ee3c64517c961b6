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
from functools import partial
from itertools import product
from pathlib import Path

import results
import table

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
    """Return what ``count`` returns, a second."""
    begin = time.perf_counter()
    items = count()
    return items / (time.perf_counter() - begin)


def read(file: Path) -> int:
    """Read a file and return the number of its rows."""
    return sum(1 for _ in read_messages([str(file)]))


def judge(file: Path) -> int:
    """Read a file, give a verdict on each row, and return their number."""
    own = Judge()
    return sum(1 for row in read_messages([str(file)]) for _ in own.verdicts(row))


def main() -> None:
    """Print a table of rows a second."""
    options = _arguments()
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        files = write(Path(folder), options.rows)
        for _, file, work in product(range(options.repetitions), files, (read, judge)):
            runs.append((file.name, work.__name__, rate(partial(work, file))))
        sizes = {file.name: file.stat().st_size / 1e6 for file in files}
    rows = [
        [
            f"{name}, {size:.0f} MB",
            *(
                table.spread([rate for file, work, rate in runs if (file, work) == (name, wanted)])
                for wanted in ("read", "judge")
            ),
        ]
        for name, size in sizes.items()
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    title = (
        f"{options.rows:,} rows of a file, {options.repetitions} runs each in turn; median "
        f"(smallest\u2013largest); peak memory {peak:.0f} MB."
    )
    rendered = table.render(["", "rows/s read", "rows/s with a verdict"], rows)
    kept = [{"file": file, "work": work, "rate": rate} for file, work, rate in runs]
    results.publish(title, rendered, kept, options)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--repetitions", type=int, default=3)
    results.add_options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
