"""Real headlines to measure models with: a seeded sample of ``../shared/data/rss-2023``."""

import csv
import random
from pathlib import Path

FILE = Path(__file__).parents[2] / "shared/data/rss-2023/headlines_2023-02_2023-04.csv"


def sample(count: int, file: Path = FILE) -> list[str]:
    """``count`` different headlines, the same ones every time.

    Raises:
        SystemExit: the file is not there.
    """
    if not file.exists():
        raise SystemExit(f"{file} is missing: name a CSV with a title column by --headlines")
    with file.open(encoding="utf-8", newline="") as lines:
        titles = {row["title"] for row in csv.DictReader(lines) if row["title"]}
    return random.Random(1).sample(sorted(titles), count)
