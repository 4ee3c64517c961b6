"""Measure a model on the labelled headlines: ``python -m labelling.quality --set train``.

The texts are looked up by id in ``../shared/data``. The test set is for one look at the end: it is
of other weeks than the training set, and headlines are left out whose story that set has as well.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from asking import ask
from numpy.typing import NDArray
from sklearn.metrics import f1_score, precision_score, recall_score

from labelling.agreement import LABELS, sentiment, severity
from labelling.join import TEXT
from labelling.names import company_names, mention
from labelling.sample import MAX_SIMILARITY, Headline, read_archives
from nlp.classifier import Classifier, Scores
from nlp.evaluation.calibration_bins import calibration_bins, expected_calibration_error
from nlp.evaluation.near_duplicates import has_near_duplicate

DATA: Final = Path(__file__).parents[3] / "shared" / "data"
CLASSES: Final = ("negative", "neutral", "positive")
HELD_OUT_MONTHS: Final = ("2007-04", "2007-11", "2008-06", "2009-01", "2009-08", "2023-04")
"""Months of the training set that are not learnt: models are chosen and calibrated by them."""
SEVERE: Final = 2
"""Severity from which a headline is one that must not be missed."""


class Asked(NamedTuple):
    """A question to a model: a headline, and the company that it is asked about.

    Attributes:
        text: The headline.
        target: The company's ticker; `TEXT` if the question is about the whole headline.
        event: The kind of event.
        label: The reader's label.
        companies: The number of companies that are named.
    """

    text: str
    target: str
    event: str
    label: str
    companies: int

    @property
    def is_one_of_several(self) -> bool:
        """Return whether the question is about one company of several."""
        return self.target != TEXT and self.companies > 1


def may_be_learnt(row: Headline) -> bool:
    """Return whether a headline is neither of a test week nor of a month that is held out."""
    return not (row.is_test or row.day.isoformat()[:7] in HELD_OUT_MONTHS)


def questions(part: str, data: Path = DATA) -> list[Asked]:
    """Return the questions of the ``train`` or the ``test`` set, or of the ``held-out`` months.

    Raises:
        SystemExit: headlines of the labels are not in ``data``.
    """
    titles = {row.id: row.title for rows in read_archives(data).values() for row in rows}
    with LABELS.open(newline="") as lines:
        labelled = list(csv.DictReader(lines))
    rows = [row for row in labelled if _is_in(row, part) and row["label"] != "x"]
    if missing := {row["id"] for row in rows} - set(titles):
        raise SystemExit(f"{len(missing)} labelled headlines are not in {data}")
    if part == "test":
        learnt = {row["id"] for row in labelled if row["set"] == "train"} & set(titles)
        known = stories_in(learnt, {row["id"] for row in rows}, titles)
        print(f"{len(known)} headlines are left out: their stories may have been learnt")
        rows = [row for row in rows if row["id"] not in known]
    companies: dict[str, int] = defaultdict(int)
    for row in rows:
        companies[row["id"]] += row["target"] != TEXT
    return [
        Asked(titles[row["id"]], row["target"], row["event"], row["label"], companies[row["id"]])
        for row in rows
    ]


def stories_in(
    learnt: AbstractSet[str], asked: AbstractSet[str], titles: Mapping[str, str]
) -> set[str]:
    """Return the ids of ``asked`` whose titles are near duplicates of one of ``learnt``."""
    names = sorted(asked)
    known = [titles[name] for name in learnt]
    is_known = has_near_duplicate([titles[name] for name in names], known, MAX_SIMILARITY)
    return {name for name, is_learnt in zip(names, is_known, strict=True) if is_learnt}


def _is_in(row: Mapping[str, str], part: str) -> bool:
    if part == "held-out":
        return row["set"] == "train" and row["day"][:7] in HELD_OUT_MONTHS
    return row["set"] == part


class Judged(NamedTuple):
    """A model's answers beside the labels of the readers, (questions,) each.

    Attributes:
        labels: Classes by the readers.
        guesses: Classes by the model.
        certainties: The model's probability of its guess.
        is_severe: Whether it must not be missed.
        is_whole: Whether the question is not about one company of several.
    """

    labels: NDArray[np.int64]
    guesses: NDArray[np.int64]
    certainties: NDArray[np.float64]
    is_severe: NDArray[np.bool_]
    is_whole: NDArray[np.bool_]

    def measures(self, chosen: NDArray[np.bool_]) -> tuple[float, float, float, float]:
        """Return accuracy, macro F1, and recall and precision of negative."""
        truth, guess = self.labels[chosen], self.guesses[chosen]
        return (
            float((truth == guess).mean()),
            float(f1_score(truth, guess, average="macro", zero_division=0.0)),
            float(recall_score(truth == 0, guess == 0, zero_division=0.0)),
            float(precision_score(truth == 0, guess == 0, zero_division=0.0)),
        )

    def severe_found(self) -> float:
        """Return the share of severe headlines that are read as negative."""
        return float((self.guesses == 0)[self.is_whole & self.is_severe].mean())

    def calibration_error(self) -> float:
        """Return the expected calibration error of headlines."""
        right = (self.labels == self.guesses)[self.is_whole]
        return expected_calibration_error(calibration_bins(self.certainties[self.is_whole], right))


def judge(asked: Sequence[Asked], scores: NDArray[np.float64]) -> Judged:
    """Set a model's probabilities (questions, 3) beside the readers' labels."""
    return Judged(
        np.array([CLASSES.index(sentiment(row.label)) for row in asked]),
        scores.argmax(1),
        scores.max(1),
        np.array([severity(row.label) >= SEVERE for row in asked]),
        np.array([not row.is_one_of_several for row in asked]),
    )


def report(asked: Sequence[Asked], scores: NDArray[np.float64]) -> str:
    """Return what a model's probabilities (questions, 3) are worth, in lines."""
    judged = judge(asked, scores)
    whole = judged.is_whole
    lines = [f"{'':24} {'n':>6} {'acc':>6} {'F1':>6} {'recall':>6} {'prec.':>6}"]
    groups = {"headlines": whole, "companies of several": ~whole}
    for event in sorted({row.event for row in asked}):
        groups[f"  {event}"] = whole & np.array([row.event == event for row in asked])
    for name, chosen in groups.items():
        figures = " ".join(f"{value:6.3f}" for value in judged.measures(chosen))
        lines.append(f"{name:24} {chosen.sum():6} {figures}")
    severe = (whole & judged.is_severe).sum()
    lines.append(f"severe (2-3) read as negative: {judged.severe_found():.3f} of {severe}")
    lines.append(f"expected calibration error: {judged.calibration_error():.3f}")
    return "\n".join(lines)


def main() -> None:
    """Ask the model, and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=("train", "held-out", "test"), default="held-out")
    parser.add_argument("--model", default="shipped", help="name or folder of a model")
    options = parser.parse_args()
    from nlp.load import load
    from nlp.settings import ModelSettings

    asked = questions(options.set)
    model = load(ModelSettings(model=options.model))
    scores = answers(model, asked)
    print(f"{model.model_id}, {options.set} set")
    print(report(asked, np.array([answer[:3] for answer in scores])))
    if all(answer.severity is not None for answer in scores):
        print(severity_report(asked, np.array([answer.severity for answer in scores])))


def answers(model: Classifier, asked: Sequence[Asked]) -> list[Scores]:
    """Return a model's answer to each question; about one company of several if it can be asked."""
    names = company_names()
    subjects = [
        mention(row.text, names.get(row.target, (row.target,))) if row.is_one_of_several else ""
        for row in asked
    ]
    return ask(model, [row.text for row in asked], subjects)


def severity_report(asked: Sequence[Asked], severities: NDArray[np.float64]) -> str:
    """Return how a model's severities (questions,) follow the readers', in a line."""
    truth = np.array([severity(row.label) for row in asked])
    means = ", ".join(f"{level}: {severities[truth == level].mean():.2f}" for level in range(4))
    together = np.corrcoef(truth, severities)[0, 1]
    return f"severity: correlation {together:.2f}; mean by the readers' {means}"


if __name__ == "__main__":
    main()
