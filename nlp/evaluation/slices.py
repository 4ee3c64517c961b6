"""Slices: kinds of texts at which a model may be worse than at others."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nlp.lexicon.terms import TermIndex, read, tokens
from nlp.metrics import Labels, Metrics, compute_metrics
from nlp.normalise import normalise
from nlp.rows.kinds import Kinds

SHORT_CHARS: Final = 60
"""Longest short text, in characters of the text as a model reads it."""
MEDIUM_CHARS: Final = 100
MAX_KINDS: Final = 12
"""Slices of one column at most, the rarest kinds together: nobody reads 1 000 sources."""
_CASHTAG: Final = re.compile(r"(?<!\w)\$[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Slice:
    """Metrics of the texts of one kind; the names are keys of ``evaluate --json``.

    Attributes:
        by: the property by which texts are sliced, such as length, or the name of a column.
        of: its value for the texts of this slice.
        measures: the metrics of these texts.
    """

    by: str
    of: str
    measures: Metrics


def slice_metrics(texts: Sequence[str], answers: Labels, guesses: Labels) -> list[Slice]:
    """Return the metrics by length, cashtag and negation, without slices that have no text."""
    lengths = np.array([len(normalise(text)) for text in texts])
    is_short, is_long = lengths <= SHORT_CHARS, lengths > MEDIUM_CHARS
    has_cashtag = np.array([bool(_CASHTAG.search(text)) for text in texts])
    negators = TermIndex((term, head) for head, term in read("negators"))
    is_negated = np.array([bool(negators.find(tokens(text))) for text in texts])
    rows_by_slice = [
        ("length", f"up to {SHORT_CHARS} characters", is_short),
        ("length", f"{SHORT_CHARS + 1} to {MEDIUM_CHARS} characters", ~is_short & ~is_long),
        ("length", f"over {MEDIUM_CHARS} characters", is_long),
        ("cashtag", "with", has_cashtag),
        ("cashtag", "without", ~has_cashtag),
        ("negation", "with", is_negated),
        ("negation", "without", ~is_negated),
    ]

    slices = []
    for by, of, rows in rows_by_slice:
        if metrics := compute_metrics(answers[rows], guesses[rows]):
            slices.append(Slice(by, of, metrics))
    return slices


def slice_by_kind(kinds: Kinds, answers: Labels, guesses: Labels) -> list[Slice]:
    """Return the metrics by each column of ``kinds``, the kinds with the most texts first.

    The number of companies goes up instead. Of many kinds, the rarest are one slice.
    """
    slices = []
    for column, cells in kinds.items():
        by_rows = [kind for kind, _ in Counter(cells).most_common()]
        ranked = sorted(by_rows) if column == "companies" else by_rows
        names = ranked if len(ranked) <= MAX_KINDS else ranked[: MAX_KINDS - 1]
        rows_by_name = {name: np.array([cell == name for cell in cells]) for name in names}
        if rare := len(ranked) - len(names):
            is_rare = ~np.any(list(rows_by_name.values()), axis=0)
            rows_by_name[f"{rare} others"] = is_rare
        for name, rows in rows_by_name.items():
            if metrics := compute_metrics(answers[rows], guesses[rows]):
                slices.append(Slice(column, name, metrics))
    return slices
