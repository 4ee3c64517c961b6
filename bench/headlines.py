"""A seeded sample of the real headlines in ``../shared/data/rss-2023``."""

import csv
import random
from pathlib import Path

FILE = Path(__file__).parents[2] / "shared/data/rss-2023/headlines_2023-02_2023-04.csv"


def sample(count: int, file: Path = FILE) -> list[str]:
    """Return ``count`` different headlines, always the same ones.

    Raises:
        SystemExit: the file is not there.
    """
    if not file.exists():
        raise SystemExit(f"{file} is missing: name a CSV with a title column by --headlines")
    with file.open(encoding="utf-8", newline="") as lines:
        titles = {row["title"] for row in csv.DictReader(lines) if row["title"]}
    return random.Random(1).sample(sorted(titles), count)
