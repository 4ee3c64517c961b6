"""The test that makes some alerts discoveries: a tenth of the recent ones at most are false.

The setting bounds false alarms per subject and month. Among hundreds of quiet subjects most alerts
are then false, as promised; discoveries are the alerts on which one can build. Each alert is a test
of whether its news is ordinary, by how far the evidence goes beyond the threshold within
`TRIAL_BINS`. That excess is exponential in ordinary news (`detection.evidence.peak_tail`), which
gives a p-value; later, rises that have nothing to do with each other would add up. The alert is a
discovery once its p-value is down to a level which was fixed when it fired, and which obeys

    sum of levels <= FALSE_DISCOVERY_RATE * max(discoveries, 1)

where both sides forget over `MEMORY_ALERTS`. So the false discovery rate is kept for the recent
past, however long the detector runs, and while nothing happens there is one false discovery in a
thousand alerts (A. Ramdas, F. Yang, M. J. Wainwright and M. I. Jordan, "Online control of the false
discovery rate with decaying memory", NeurIPS 2017; T. Zrnic, A. Ramdas and M. I. Jordan,
"Asynchronous online testing of multiple hypotheses", JMLR 2021, for tests that overlap in time).
Rules that never forget, such as LOND, hardly let anything pass after some hundred alerts. Rules
for e-values (Z. Xu and A. Ramdas, "Online multiple testing with e-values", AISTATS 2024) do not
apply, because an evidence whose law is estimated is no e-value.

>>> quiet, busy = OnlineFdr(), OnlineFdr(discoveries=10.0)
>>> [round(test.next_level(), 1) for test in (quiet, busy)]
[5.3, 3.0]
>>> [round(quiet.next_level(), 1) for _ in range(300)][-1]
7.1
"""

from dataclasses import dataclass
from math import log
from typing import Final

FALSE_DISCOVERY_RATE: Final = 0.1
"""Upper bound of the share of false ones among the discoveries."""
TRIAL_BINS: Final = 6
"""Bins after the one that fired in which an alert may become a discovery."""
MEMORY_ALERTS: Final = 100
"""Alerts after which an alert counts a third (1/e)."""
ALERT_DECAY: Final = 1.0 - 1.0 / MEMORY_ALERTS
"""Factor by which one alert shrinks the weight of the earlier ones."""
SPENT_PER_ALERT: Final = 0.05
"""Share of the remaining budget that is spent on one alert."""


@dataclass(slots=True)
class OnlineFdr:
    """The budget of the test.

    Attributes:
        spent: decayed sum of the levels of the alerts so far.
        discoveries: decayed number of discoveries.
    """

    spent: float = 0.0
    discoveries: float = 0.0

    def next_level(self) -> float:
        """Count an alert; return minus the log of the p-value that makes it a discovery."""
        self.spent *= ALERT_DECAY
        self.discoveries *= ALERT_DECAY
        level = SPENT_PER_ALERT * (FALSE_DISCOVERY_RATE * max(self.discoveries, 1.0) - self.spent)
        self.spent += level
        return -log(level)
