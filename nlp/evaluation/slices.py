"""Kinds of texts that a model may be worse at than at the others."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlp.lexicon.terms import TermIndex, read, tokens
from nlp.metrics import Labels, Metrics, compute_metrics
from nlp.normalise import normalise

SHORT: Final = 60
LONG: Final = 100
"""Characters, of the text as a model sees it."""
_CASHTAG: Final = re.compile(r"(?<!\w)\$[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Slice:
    """Measures of the texts of which ``of`` is true, a value of ``by``."""

    by: str
    of: str
    measures: Metrics


def slices(texts: Sequence[str], answers: Labels, guesses: Labels) -> list[Slice]:
    """By length, cashtag and negation; what no text is, is left out."""
    found = []
    for by, of, rows in _cuts(texts):
        if measured := compute_metrics(answers[rows], guesses[rows]):
            found.append(Slice(by, of, measured))
    return found


def _cuts(texts: Sequence[str]) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    lengths = np.array([len(normalise(text)) for text in texts])
    yield "length", f"up to {SHORT} characters", lengths <= SHORT
    yield "length", f"{SHORT + 1} to {LONG} characters", (lengths > SHORT) & (lengths <= LONG)
    yield "length", f"over {LONG} characters", lengths > LONG
    tagged = np.array([bool(_CASHTAG.search(text)) for text in texts])
    yield from (("cashtag", "with", tagged), ("cashtag", "without", ~tagged))
    terms = TermIndex((term, head) for head, term in read("negators"))
    turned = np.array([bool(terms.find(tokens(text))) for text in texts])
    yield from (("negation", "with", turned), ("negation", "without", ~turned))
