"""Which alerts are discoveries: the rate of recent false ones is kept at a tenth.

The setting bounds false alarms per subject and month. Among hundreds of quiet subjects most alerts
are then false, as promised; this says on which ones one can build. Each alert is a test of whether
its news is ordinary, by how far the evidence goes beyond the threshold within `TRIAL` bins. That
excess is exponential in ordinary news (`detection.evidence.peak_tail`), which gives a p-value;
later, climbs that have nothing to do with each other would add up. The alert is a discovery once
its p-value is down to a level which was fixed when it fired, and which obeys

    sum of levels <= WRONG * max(discoveries, 1)

where both sides forget over `MEMORY` alerts. So the false discovery rate is kept for the recent
past, for as long as one watches, and while nothing happens there is one false discovery in a
thousand alerts (A. Ramdas, F. Yang, M. J. Wainwright and M. I. Jordan, "Online control of the false
discovery rate with decaying memory", NeurIPS 2017; T. Zrnic, A. Ramdas and M. I. Jordan,
"Asynchronous online testing of multiple hypotheses", JMLR 2021, for tests that overlap in time).
Rules that remember for ever, such as LOND, hardly let anything pass after some hundred alerts;
those for e-values (Z. Xu and A. Ramdas, "Online multiple testing with e-values", AISTATS 2024) want
e-values, of which an evidence whose law is estimated gives none.

>>> quiet, busy = OnlineFdr(), OnlineFdr(found=10.0)
>>> [round(it.next(), 1) for it in (quiet, busy)]
[5.3, 3.0]
>>> [round(quiet.next(), 1) for _ in range(300)][-1]
7.1
"""

from dataclasses import dataclass
from math import log
from typing import Final

WRONG: Final = 0.1
"""Share of the discoveries that may be false."""
TRIAL: Final = 6
"""Bins after the one that fired in which an alert may become a discovery."""
MEMORY: Final = 100
"""Alerts after which one counts a third."""
FADE: Final = 1.0 - 1.0 / MEMORY
_STEP: Final = 0.05
"""Of what may be spent, on one alert."""


@dataclass(slots=True)
class OnlineFdr:
    """Levels ``spent`` on alerts so far, and discoveries ``found``; the older, the less."""

    spent: float = 0.0
    found: float = 0.0

    def next(self) -> float:
        """Count an alert; minus the logarithm of the p-value that makes a discovery of it."""
        self.spent *= FADE
        self.found *= FADE
        level = _STEP * (WRONG * max(self.found, 1.0) - self.spent)
        self.spent += level
        return -log(level)
