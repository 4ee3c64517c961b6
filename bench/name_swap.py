"""Measure how far a model's answer depends on the name of the company, on a number or a place.

``name_swap.csv`` has 300 headlines of our own with gaps for them. Each is asked with the first
company, number and place, and again with every other company, then number, then place. What counts
is the change of the negative probability; a swap that changes it by more than .10 is large.
"""

import argparse
import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import table

from nlp.classifier import Classifier
from nlp.load import load
from nlp.settings import ModelSettings

FILE = Path(__file__).with_name("name_swap.csv")
FILLERS = {
    "company": (
        "Acme",
        *("Boeing", "Microsoft", "JPMorgan", "Walmart"),  # known to everybody
        *("Apple", "Target", "Gap", "Best Buy", "Monster"),  # words as well
        *("Haldane Group", "Quorvex", "Brelling & Sons", "Ostermoor Water"),  # invented
        *("Société Générale", "Thyssenkrupp", "Xiaomi", "Grupo Bimbo", "Łódź Zbroja"),
    ),
    "number": ("4", "3", "7", "12", "30"),
    "place": ("Ohio", "Lyon", "Osaka", "Lagos", "Chile", "Wuhan", "San Pedro Sula"),
}
"""What the gaps are filled with, the reference first."""
LARGE = 0.10
"""The change of the negative probability from which a swap is too large."""
WORST = 10
HEAD = ("swapped", "headlines", "with a change > .10", "swaps with one", "mean change", "unread")


class Template(NamedTuple):
    """A headline with gaps, and what it says whoever fills them."""

    kind: str
    sentiment: str
    headline: str

    def fill(self, gap: str = "", filler: str = "") -> str:
        """Return the headline with the reference in each gap, but ``filler`` in ``gap``."""
        first = {name: fillers[0] for name, fillers in FILLERS.items()}
        return self.headline.format_map(first | ({gap: filler} if gap else {}))


class Swap(NamedTuple):
    """One filler instead of the reference, and the negative probability with each.

    Attributes:
        template: the headline.
        filler: what fills the gap instead of the reference.
        reference: negative probability with the reference.
        negative: negative probability with the filler.
        is_unread: with the filler, the text is taken for a language that no model reads.
    """

    template: Template
    filler: str
    reference: float
    negative: float
    is_unread: bool = False

    @property
    def change(self) -> float:
        """Return by how much the negative probability changes."""
        return abs(self.negative - self.reference)


def main() -> None:
    """Ask the model, and print the shares and the worst swaps."""
    options = _arguments()
    templates = read()
    model = load(ModelSettings(model=options.model))
    swaps = {gap: measure(model, templates, gap) for gap in FILLERS}
    text = f"{model.model_id}\n\n{shares(swaps)}\n{worst(swaps['company'])}"
    print(text)
    if options.markdown:
        options.markdown.write_text(text, "utf-8")


def read(file: Path = FILE) -> list[Template]:
    """Return the headlines with their gaps."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [Template(**row) for row in csv.DictReader(lines)]


def measure(model: Classifier, templates: Iterable[Template], gap: str) -> list[Swap]:
    """Ask a model about each headline that has the gap, with each filler."""
    with_gap = [template for template in templates if f"{{{gap}}}" in template.headline]
    first, *others = (
        model.classify([template.fill(gap, filler) for template in with_gap])
        for filler in FILLERS[gap]
    )
    return [
        Swap(
            template, filler, reference.negative, answers[index].negative, answers[index].is_unread
        )
        for index, (template, reference) in enumerate(zip(with_gap, first, strict=True))
        for filler, answers in zip(FILLERS[gap][1:], others, strict=True)
    ]


def shares(swaps: dict[str, list[Swap]]) -> str:
    """Return a table of how often a swap is large, for each gap and for its neutral headlines."""
    body = []
    for gap, all_swaps in swaps.items():
        neutral = [swap for swap in all_swaps if swap.template.sentiment == "neutral"]
        for name, own in ((gap, all_swaps), (f"{gap}, neutral headlines", neutral)):
            headlines = {swap.template for swap in own}
            large = [swap for swap in own if swap.change > LARGE]
            share = len({swap.template for swap in large}) / len(headlines)
            average = mean(swap.change for swap in own)
            unread = sum(swap.is_unread for swap in own)
            cells = [f"{share:.1%}", f"{len(large) / len(own):.1%}", f"{average:.3f}", str(unread)]
            body.append([name, str(len(headlines)), *cells])
    return table.render(HEAD, body)


def worst(swaps: Sequence[Swap]) -> str:
    """Return a table of the largest changes, one a headline."""
    largest: dict[Template, Swap] = {}
    for swap in sorted(swaps, key=lambda swap: -swap.change):
        largest.setdefault(swap.template, swap)
    body = [
        [
            *(swap.template.headline, swap.filler, f"{swap.reference:.2f}"),
            "unread" if swap.is_unread else f"{swap.negative:.2f}",
        ]
        for swap in list(largest.values())[:WORST]
    ]
    return table.render(["headline", "with", "negative with the reference", "with this"], body)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="shipped", help="a model's name or folder")
    parser.add_argument("--markdown", type=Path, help="also write the tables to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
