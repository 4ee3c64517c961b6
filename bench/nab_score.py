"""The score of the Numenta Anomaly Benchmark (Lavin & Ahmad 2015), standard profile.

It is computed like in NAB's ``sweeper.py``, for detections without a score of their own:

- Rows of the probationary period are ignored: 15 % of a file, at most 750 rows.
- The earliest detection in a window earns ``S(p)``, where p is -1 at the window's left edge and
  almost 0 at its right edge; later detections earn nothing. A window without one costs 1.
- A detection outside all windows costs up to 0.11, less shortly after a window.
- 100 is a detection at each left edge and no other; 0 is no detection at all.

``S(p) = 2 / (1 + exp(5 p)) - 1``, and -1 from p = 3 on.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from math import exp
from typing import Final, NamedTuple

HIT_REWARD: Final = 1.0
FALSE_ALARM_COST: Final = 0.11
MISS_COST: Final = 1.0
PROBATION_SHARE: Final = 0.15
MAX_PROBATION_BASE_ROWS: Final = 5_000
"""The probationary period is a share of a file's rows, but of no more than this many."""
MAX_DISTANCE: Final = 3.0
"""Window widths after which a false alarm costs the full amount."""

Window = tuple[datetime, datetime]


class File(NamedTuple):
    """A file with labels.

    Attributes:
        times: of its rows, ascending.
        windows: labelled anomalies, first and last time.
    """

    times: Sequence[datetime]
    windows: Sequence[Window]


class Score(NamedTuple):
    """The score of one file or of several.

    Attributes:
        points: rewards less costs.
        windows: labelled anomalies.
        scored: windows that do not end within the probationary period.
        found: scored windows with a detection.
        false: detections outside all windows.
    """

    points: float = 0.0
    windows: int = 0
    scored: int = 0
    found: int = 0
    false: int = 0

    def plus(self, other: "Score") -> "Score":
        """Return the score of both."""
        return Score(
            self.points + other.points,
            self.windows + other.windows,
            self.scored + other.scored,
            self.found + other.found,
            self.false + other.false,
        )

    @property
    def normalized(self) -> float:
        """The points on NAB's scale: 0 without any detection, 100 if perfect.

        >>> Score(-2.0, windows=2, scored=2).normalized, Score(2.0, windows=2, scored=2).normalized
        (0.0, 100.0)
        """
        null = -MISS_COST * self.scored
        return 100.0 * (self.points - null) / (HIT_REWARD * self.windows - null)


def score(file: File, detections: Sequence[int]) -> Score:
    """Return the score of the ``detections``, rows counted from 0, in one file."""
    spans = [
        (bisect_left(file.times, begin), bisect_right(file.times, end) - 1)
        for begin, end in file.windows
    ]
    first = probation(len(file.times))
    best = {span: -MISS_COST for span in spans if span[1] >= first}
    false, cost = 0, 0.0
    for row in sorted({row for row in detections if row >= first}):
        inside = next((span for span in spans if span[0] <= row <= span[1]), None)
        if inside:
            best[inside] = max(best[inside], _earned(row, inside))
        else:
            false, cost = false + 1, cost + _cost(row, spans)
    found = sum(points > -MISS_COST for points in best.values())
    return Score(sum(best.values()) - cost, len(spans), len(best), found, false)


def probation(rows: int) -> int:
    """Return the length of the probationary period, from which a detector may learn.

    >>> probation(1000), probation(15_902)
    (150, 750)
    """
    return int(min(PROBATION_SHARE * rows, PROBATION_SHARE * MAX_PROBATION_BASE_ROWS))


def sigmoid(distance: float) -> float:
    """Return S for a distance from a window's right edge, in widths of the window.

    >>> [round(sigmoid(distance), 3) for distance in (-1, -0.5, 0, 1, 3)]
    [0.987, 0.848, 0.0, -0.987, -1.0]
    """
    return -1.0 if distance >= MAX_DISTANCE else 2.0 / (1.0 + exp(5.0 * distance)) - 1.0


def _earned(row: int, span: tuple[int, int]) -> float:
    """Return the reward of a detection in a window, whose first and last rows are ``span``."""
    left, right = span
    return HIT_REWARD * sigmoid(-(right - row + 1) / (right - left + 1)) / sigmoid(-1.0)


def _cost(row: int, spans: Sequence[tuple[int, int]]) -> float:
    """Return the cost of a detection outside all windows."""
    before = [span for span in spans if span[1] < row]
    if not before:
        return FALSE_ALARM_COST
    left, right = max(before, key=lambda span: span[1])
    return -FALSE_ALARM_COST * sigmoid((row - right) / max(right - left, 1))
