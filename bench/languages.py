"""Measure how well the language of headlines is recognised, and what that costs.

``foreign_headlines.csv`` and ``chinese_headlines.csv`` have headlines of our own in 20 languages.
English ones are those of ``../shared/data``. A few of these are in other languages, so the share
that is taken for another language is an upper bound; what is taken so is printed.
"""

import argparse
import csv
import gzip
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from nlp.languages.recognise import recognise

HERE = Path(__file__).parent
DATA = Path(__file__).parents[2] / "shared/data"
ENGLISH = {
    "rss-2023": ("rss-2023/headlines_2023-02_2023-04.csv", "title", 1),
    "reuters": ("reuters/reuters_titles_2008.csv.gz", "title", 40),
    "tweets": ("tfns-sentiment/train.csv", "text", 1),
}
"""File, column, and of how many rows one is taken."""
MAX_PRINTED = 12


def main() -> None:
    """Print the share that is recognised and microseconds a headline, for each set."""
    options = _arguments()
    recognise("Le marché des actions recule fortement")  # loads the library's model
    expected, texts = zip(*own_headlines(), strict=True)
    wrong = _measure("own headlines", list(expected), list(texts))
    for name in ENGLISH:
        texts_of_set = list(islice(english_headlines(name, options.data), options.count))
        wrong += _measure(name, ["en"] * len(texts_of_set), texts_of_set)
    print(*wrong, sep="\n")


def own_headlines() -> Iterator[tuple[str, str]]:
    """Yield languages and headlines of our own."""
    for file, language in (("foreign_headlines.csv", ""), ("chinese_headlines.csv", "zh")):
        with (HERE / file).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                yield language or row["language"], row["headline"]


def english_headlines(name: str, data: Path = DATA) -> Iterator[str]:
    """Yield the headlines of a set in ``ENGLISH``."""
    file, column, step = ENGLISH[name]
    path = data / file
    if not path.exists():
        raise SystemExit(f"{path} is missing: name the folder of the data by --data")
    unpack = gzip.open if path.suffix == ".gz" else open
    with unpack(path, "rt", encoding="utf-8", newline="") as lines:
        rows = islice(csv.DictReader(lines), 0, None, step)
        yield from (row[column] for row in rows)


def _measure(name: str, expected: list[str], texts: list[str]) -> list[str]:
    begin = time.perf_counter()
    languages = [recognise(text) for text in texts]
    micros = (time.perf_counter() - begin) / len(texts) * 1e6
    wrong = [
        f"  {name}: {language} for {label}: {text[:100]}"
        for language, label, text in zip(languages, expected, texts, strict=True)
        if language != label
    ]
    share = 1 - len(wrong) / len(texts)
    print(f"{name}: {len(texts)} headlines, {share:.2%} recognised, {micros:.0f} us a headline")
    return wrong[:MAX_PRINTED]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--count", type=int, default=20_000, help="headlines of each set, at most")
    return parser.parse_args()


if __name__ == "__main__":
    main()
