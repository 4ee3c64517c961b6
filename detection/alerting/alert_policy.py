"""The part of the rule that decides about alerts, in the unit of bins."""

from math import ceil
from typing import NamedTuple, Self

from detection.evidence.online_fdr import TRIAL_BINS
from detection.rule import MONTH, Rule


class AlertPolicy(NamedTuple):
    """The rule's settings in bins.

    Attributes:
        rate: promised false alarms per bin of a subject.
        wait: bins that a surge must last before its alert fires.
        keep: bins that a subject must be calm before its alert resolves.
        trial: bins after firing in which an alert may become a discovery.
        rule: number of the rule.
        update: bins after a change of an alert before an update may be told.
    """

    rate: float
    wait: float
    keep: float
    trial: float
    rule: int = 0
    update: float = 8.0

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """Return the policy of a rule; durations are rounded up to whole bins."""
        return cls(
            rate=rule.false_alarms_per_subject_month * (rule.bin / MONTH),
            wait=ceil(rule.for_ / rule.bin),
            keep=ceil(rule.keep_firing_for / rule.bin),
            trial=TRIAL_BINS,
            rule=rule.number,
            update=ceil(rule.update_interval / rule.bin),
        )


class BinEvidence(NamedTuple):
    """The evidence of a surge at the end of a bin, as natural logarithms.

    Attributes:
        number: index of the bin.
        evidence: log likelihood ratio of a surge against none.
        threshold: evidence from which an alert may fire.
        effect: observed negative news of the window as a multiple of the expected news.
        may_alert: whether the subject may begin an alert.
    """

    number: int
    evidence: float
    threshold: float
    effect: float
    may_alert: bool = True
