"""Where an alert stands, and how high the evidence must climb for one.

>>> alarm, common = Alarm(), Common((PeakTail(),), OnlineFdr())
>>> terms = Terms(rate=1e-4, wait=0.0, keep=6.0, trial=6.0)
>>> high = Said(Total(onset=3), 9.0, 8.0, over=False, calm=False, effect=5.0)
>>> alarm.conclude(high, 7, terms, common), alarm.episode.phase.discovery
('firing', False)
>>> alarm.conclude(high._replace(evidence=30.0), 8, terms, common), alarm.episode.phase.discovery
('escalated', True)
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from detection.alerting.alert_state import AlertState
from detection.bins import Bin, Total
from detection.evidence.online_fdr import OnlineFdr
from detection.evidence.peak_tail import PeakTail
from schemas.alert import Status

PACE: Final = 0.25
"""Speed of learning while an alert fires: a surge hardly becomes the usual."""


class Terms(NamedTuple):
    """What a rule asks for: false alarms a bin, and times in the unit of bin numbers.

    Within ``trial`` of firing, an alert may become a discovery. ``rule`` is the rule's number.
    """

    rate: float
    wait: float
    keep: float
    trial: float
    rule: int = 0


class Said(NamedTuple):
    """What is said at the end of a bin; ``evidence`` and ``threshold`` are natural logarithms.

    ``since`` is the sum of what came since the evidence began to climb, which is ``over`` once it
    is down again. ``calm`` is a surge that is over, ``effect`` its size, ``muted`` one of a subject
    that shall not alert.
    """

    since: Total
    evidence: float
    threshold: float
    over: bool
    calm: bool
    effect: float
    muted: bool = False


class Common(NamedTuple):
    """What alarms learn together: each of the ``tails``, the last of them the population's."""

    tails: tuple[PeakTail, ...]
    discoveries: OnlineFdr


@dataclass(slots=True)
class Alarm:
    """``peak`` is the highest evidence of the climb that goes on."""

    tail: PeakTail = field(default_factory=PeakTail)
    episode: AlertState = field(default_factory=AlertState)
    peak: float = 0.0

    @property
    def pace(self) -> float:
        """Speed of learning."""
        return PACE if self.episode.firing else 1.0

    @property
    def busy(self) -> bool:
        """Whether something can happen to it in a bin without news."""
        return self.episode.firing or self.episode.waiting

    def count(self, it: Bin) -> None:
        """Add a bin to what the alert tells, while it fires."""
        if self.episode.firing:
            self.episode.total.add(it)

    def conclude(self, said: Said, number: int, terms: Terms, common: Common) -> Status | None:
        """What becomes of the alert at the end of a bin."""
        episode = self.episode
        if not episode.firing:
            self.watch(1, said, common.tails)
        surging = said.evidence >= said.threshold and not said.muted
        status = episode.follow(number, surging, said.calm, said.effect, terms.wait, terms.keep)
        if status == "firing":
            self._fire(said, terms, common)
        if not episode.prove(number, said.evidence, terms.trial):
            return status
        common.discoveries.found += 1.0
        return status or "escalated"

    def _fire(self, said: Said, terms: Terms, common: Common) -> None:
        self.episode.total = copy(said.since)
        self.episode.phase.rule = terms.rule
        slope = self.tail.slope(common.tails[-1])
        self.episode.phase.proof = said.threshold + slope * common.discoveries.next()
        for tail in common.tails:
            tail.censored(said.threshold)
        self.peak = 0.0

    def watch(self, bins: int, said: Said, tails: Sequence[PeakTail]) -> None:
        """Note how high the evidence went in ``bins``, once its climb is over."""
        for tail in tails:
            tail.watch(bins)
        if not said.over:
            self.peak = max(self.peak, min(said.evidence, said.threshold))
        elif self.peak:
            for tail in tails:
                tail.peak(self.peak)
            self.peak = 0.0

    def numbers(self) -> list[Any]:
        """Its parts, for `detection.state_codec`; ``peak`` apart."""
        return [self.tail, self.episode.phase, self.episode.total]
