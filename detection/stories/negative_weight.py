"""How much a story counts as negative news.

>>> from datetime import UTC, datetime
>>> story = Signal(
...     subject="company:ACME", key="0" * 32, published=datetime(2024, 5, 1, tzinfo=UTC),
...     negative=0.9, neutral=0.1, positive=0.0, headline="Acme dips", source="wire", model="m",
...     relevance=0.5,
... )
>>> negative_weight(story)
0.45
>>> [negative_weight(story.model_copy(update={"severity": level})) for level in (0.75, 1.5, 2.8)]
[0.25, 0.5, 0.5]
"""

from typing import Final

from schemas.signal import Signal

FULL_SEVERITY: Final = 1.5
"""Severity from which a story counts as a whole: a model is seldom sure that news is a 3."""


def severity_weight(severity: float) -> float:
    """Return the share of `FULL_SEVERITY` that news of this severity has, at most 1."""
    return min(severity / FULL_SEVERITY, 1.0)


def negative_weight(signal: Signal) -> float:
    """Return by how much a story adds to its subject's negative news, 0 to its relevance.

    It is the weight of its severity, or the negative probability where the model says no severity;
    times the relevance.
    """
    negative = signal.negative
    if signal.severity is not None:
        negative = severity_weight(signal.severity)
    return negative * signal.relevance
