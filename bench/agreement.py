"""Measure how often a model agrees with a person about the sentiment of 200 real headlines.

``real_headlines.csv`` has the labels, made before any model was asked, and for each headline the
first 16 hex digits of its SHA-256. The texts belong to their publishers and are looked up in
``../shared/data``. A label is the tone for holders of the security that the headline is about, or
for the economy; all other news is neutral.
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
    """A headline and the label that a person gave it."""

    dataset: str
    text: str
    label: str


def main() -> None:
    """Run the model, and print agreement, Cohen's kappa and the confusion matrix."""
    options = _arguments()
    from nlp.load import load
    from nlp.settings import ModelSettings

    rows = read(options.data)
    model = load(ModelSettings(model=options.model))
    sentiments = [scores[:3] for scores in model.classify([row.text for row in rows])]
    guesses = [NAMES[scores.index(max(scores))] for scores in sentiments]
    for dataset in ("all", *FILES):
        pairs = [
            (row.label, guess)
            for row, guess in zip(rows, guesses, strict=True)
            if dataset in {"all", row.dataset}
        ]
        agree, kappa = agreement(pairs)
        print(f"{dataset}: {len(pairs)} headlines, agreement {agree:.3f}, kappa {kappa:.2f}")
    counts = Counter(zip((row.label for row in rows), guesses, strict=True))
    body = [[label, *(str(counts[label, guess]) for guess in NAMES)] for label in NAMES]
    print(table.render([f"person, {model.model_id}", *NAMES], body))


def read(data: Path = DATA) -> list[Labelled]:
    """Return the labelled headlines.

    Raises:
        SystemExit: headlines of the labels are not in ``data``.
    """
    return [row for name in FILES for row in _labelled(name, data)]


def agreement(pairs: list[tuple[str, str]]) -> tuple[float, float]:
    """Return the share of equal pairs of classes, and Cohen's kappa (1960)."""
    total = len(pairs)
    agree = sum(label == guess for label, guess in pairs) / total
    labels, guesses = (Counter(side) for side in zip(*pairs, strict=True))
    chance = sum(labels[name] * guesses[name] for name in NAMES) / total**2
    return agree, (agree - chance) / (1 - chance)


def _labelled(dataset: str, data: Path) -> list[Labelled]:
    with LABELS.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["dataset"] == dataset]
    labels = {row["id"]: row["sentiment"] for row in rows}
    headlines: dict[str, Labelled] = {}
    for text in _titles(data / FILES[dataset]):
        digest = sha256(text.encode()).hexdigest()[:16]
        if digest in labels:
            headlines[digest] = Labelled(dataset, text, labels[digest])
    if missing := len(labels) - len(headlines):
        raise SystemExit(f"{missing} headlines of {dataset} are not in {data / FILES[dataset]}")
    return list(headlines.values())


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
