"""How often a model agrees with a person about the sentiment of 200 real headlines.

``real_headlines.csv`` has the labels, made before any model was asked, and for each headline the
first 16 hex digits of its SHA-256; the texts, which are their publishers', are looked up in
``../shared/data``. A label is the tone for those who hold what the headline is about, or for the
economy; news without such a side is neutral.
"""

import argparse
import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import table

LABELS = Path(__file__).with_name("real_headlines.csv")
DATA = Path(__file__).parents[2] / "shared/data"
FILES = {
    "rss-2023": "rss-2023/headlines_2023-02_2023-04.csv",
    "reuters": "reuters/reuters_titles_2008.csv.gz",
}
NAMES = ("negative", "neutral", "positive")


class Labelled(NamedTuple):
    """A headline and what a person says of it."""

    dataset: str
    text: str
    label: str


def main() -> None:
    """Ask the model, and print agreement, Cohen's kappa, and who says what."""
    asked = _arguments()
    from nlp.load import load  # noqa: PLC0415
    from nlp.settings import ModelSettings  # noqa: PLC0415 - help needs no model

    rows = [row for name in FILES for row in _labelled(name, asked.data)]
    model = load(ModelSettings(model=asked.model))
    scores = [one[:3] for one in model.classify([row.text for row in rows])]
    said = [NAMES[three.index(max(three))] for three in scores]
    for name in ("all", *FILES):
        pairs = [
            (row.label, it)
            for row, it in zip(rows, said, strict=True)
            if name in {"all", row.dataset}
        ]
        print(f"{name}: {_told(pairs)}")
    counts = Counter(zip((row.label for row in rows), said, strict=True))
    body = [[label, *(str(counts[label, it]) for it in NAMES)] for label in NAMES]
    print(table.render([f"person, {model.model_id}", *NAMES], body))


def _told(pairs: list[tuple[str, str]]) -> str:
    total = len(pairs)
    agree = sum(one == other for one, other in pairs) / total
    first, second = (Counter(side) for side in zip(*pairs, strict=True))
    chance = sum(first[name] * second[name] for name in NAMES) / total**2
    kappa = (agree - chance) / (1 - chance)
    return f"{total} headlines, agreement {agree:.3f}, kappa {kappa:.2f}"


def _labelled(dataset: str, data: Path) -> list[Labelled]:
    with LABELS.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["dataset"] == dataset]
    wanted = {row["id"]: row["sentiment"] for row in rows}
    found: dict[str, Labelled] = {}
    for text in _titles(data / FILES[dataset]):
        digest = sha256(text.encode()).hexdigest()[:16]
        if digest in wanted:
            found[digest] = Labelled(dataset, text, wanted[digest])
    if missing := len(wanted) - len(found):
        raise SystemExit(f"{missing} headlines of {dataset} are not in {data / FILES[dataset]}")
    return list(found.values())


def _titles(path: Path) -> Iterator[str]:
    if not path.exists():
        raise SystemExit(f"{path} is missing: name the folder of the data by --data")
    unpack = gzip.open if path.suffix == ".gz" else open
    with unpack(path, "rt", encoding="utf-8", newline="") as lines:
        yield from (row["title"] for row in csv.DictReader(lines))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="shipped")
    parser.add_argument("--data", type=Path, default=DATA)
    return parser.parse_args()


if __name__ == "__main__":
    main()
