"""The score of the Numenta Anomaly Benchmark (Lavin & Ahmad 2015), standard profile.

As NAB's ``sweeper.py`` computes it, for detections that are yes or no:

- Rows of the probationary period count for nothing: 15 % of a file, at most 750 rows.
- The earliest detection in a window earns ``S(p)``, where p is -1 at its left and almost 0 at its
  right edge; further ones nothing. A window without one costs 1.
- A detection outside costs up to 0.11, less shortly after a window.
- 100 is a detection at each left edge and no other, 0 is no detection at all.

``S(p) = 2 / (1 + exp(5 p)) - 1``, and -1 from p = 3 on.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from math import exp
from typing import Final, NamedTuple

HIT: Final = 1.0
FALSE: Final = 0.11
MISS: Final = 1.0
PROBATION: Final = 0.15
LONGEST: Final = 5_000
"""Rows of which the probationary period is a share, at most."""
FAR: Final = 3.0

Window = tuple[datetime, datetime]


class File(NamedTuple):
    """The times of a file's rows, ascending, and its labelled windows, both edges included."""

    times: Sequence[datetime]
    windows: Sequence[Window]


class Score(NamedTuple):
    """Of one file or of several: points, and what they are made of.

    ``windows`` are all that there are, ``scored`` those that do not end within the probation.
    """

    points: float = 0.0
    windows: int = 0
    scored: int = 0
    found: int = 0
    false: int = 0

    def plus(self, other: "Score") -> "Score":
        """Both together."""
        return Score(*(mine + its for mine, its in zip(self, other, strict=True)))

    @property
    def normalized(self) -> float:
        """0 without any detection, 100 when perfect.

        >>> Score(-2.0, windows=2, scored=2).normalized, Score(2.0, windows=2, scored=2).normalized
        (0.0, 100.0)
        """
        null = -MISS * self.scored
        return 100.0 * (self.points - null) / (HIT * self.windows - null)


def score(file: File, detections: Sequence[int]) -> Score:
    """Points of the ``detections``, rows counted from 0, in one file."""
    spans = [_rows(file.times, window) for window in file.windows]
    first = probation(len(file.times))
    best = {span: -MISS for span in spans if span[1] >= first}
    false, lost = 0, 0.0
    for row in sorted({it for it in detections if it >= first}):
        inside = next((span for span in spans if span[0] <= row <= span[1]), None)
        if inside:
            best[inside] = max(best[inside], _earned(row, inside))
        else:
            false, lost = false + 1, lost + _cost(row, spans)
    found = sum(points > -MISS for points in best.values())
    return Score(sum(best.values()) - lost, len(spans), len(best), found, false)


def probation(rows: int) -> int:
    """How many rows a detector gets to learn from.

    >>> probation(1000), probation(15_902)
    (150, 750)
    """
    return int(min(PROBATION * rows, PROBATION * LONGEST))


def sigmoid(place: float) -> float:
    """S, for a place relative to a window.

    >>> [round(sigmoid(place), 3) for place in (-1, -0.5, 0, 1, 3)]
    [0.987, 0.848, 0.0, -0.987, -1.0]
    """
    return -1.0 if place >= FAR else 2.0 / (1.0 + exp(5.0 * place)) - 1.0


def _earned(row: int, span: tuple[int, int]) -> float:
    left, right = span
    return HIT * sigmoid(-(right - row + 1) / (right - left + 1)) / sigmoid(-1.0)


def _cost(row: int, spans: Sequence[tuple[int, int]]) -> float:
    before = [span for span in spans if span[1] < row]
    if not before:
        return FALSE
    left, right = max(before, key=lambda span: span[1])
    return -FALSE * sigmoid((row - right) / max(right - left, 1))


def _rows(times: Sequence[datetime], window: Window) -> tuple[int, int]:
    return bisect_left(times, window[0]), bisect_right(times, window[1]) - 1
