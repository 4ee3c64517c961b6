"""Print how far two readers of the same headlines agree: Cohen's kappa by kind of event.

``python -m labelling.agreement`` reads `labels.csv`, which has both readings.
"""

import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sklearn.metrics import cohen_kappa_score

LABELS: Final = Path(__file__).with_name("labels.csv")
_CLASSES: Final = ("negative", "neutral", "positive")


def main() -> None:
    """Print a row for each kind of event, and one for all."""
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    severities: list[tuple[int, int]] = []
    with LABELS.open(newline="") as lines:
        for row in csv.DictReader(lines):
            if not row["second"] or "x" in {row["first"], row["second"]}:
                continue
            pair = sentiment(row["first"]), sentiment(row["second"])
            pairs[row["event"]].append(pair)
            pairs["all"].append(pair)
            severities.append((severity(row["first"]), severity(row["second"])))
    print(f"{'kind':10} {'read twice':>10} {'agree':>6} {'kappa':>6}")
    for kind in (*sorted(set(pairs) - {"all"}), "all"):
        print(f"{kind:10} {len(pairs[kind]):10} {agreement(pairs[kind])}")
    weighted = cohen_kappa_score(*zip(*severities, strict=True), weights="quadratic")
    print(f"severity, quadratic weights: kappa {weighted:.2f}")


def sentiment(label: str) -> str:
    """Return the class of a label.

    >>> sentiment("-2"), sentiment("0"), sentiment("+")
    ('negative', 'neutral', 'positive')
    """
    return {"+": "positive", "0": "neutral"}.get(label, "negative")


def severity(label: str) -> int:
    """Return how bad a label is, 0 to 3.

    >>> severity("-2"), severity("+")
    (2, 0)
    """
    return -int(label) if label.startswith("-") else 0


def agreement(pairs: Sequence[tuple[str, str]]) -> str:
    """Return the share of equal labels and Cohen's kappa (1960) as text."""
    same = sum(first == second for first, second in pairs) / len(pairs)
    kappa = cohen_kappa_score(*zip(*pairs, strict=True), labels=_CLASSES)
    return f"{same:6.3f} {kappa:6.2f}"


if __name__ == "__main__":
    main()
