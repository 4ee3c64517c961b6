"""The detector of one subject: its open bin, what is expected of it, its evidence and its alert.

>>> detector, fdr = SubjectDetector(), OnlineFdr()
>>> policy = AlertPolicy(rate=1e-4, wait=0.0, keep=6.0, trial=6.0)
>>> detector.rise = Total(bins=5, onset=3, stories=4)
>>> high = BinEvidence(7, evidence=9.0, threshold=8.0, effect=3.0)
>>> detector.end_of_bin(high, policy, PeakTail(), fdr).status, detector.alert.discovery
('firing', False)
>>> higher = BinEvidence(8, evidence=30.0, threshold=8.0, effect=3.0)
>>> detector.end_of_bin(higher, policy, PeakTail(), fdr).status, detector.alert.discovery
('escalated', True)
"""

from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from detection.alerting.alert_policy import AlertPolicy, BinEvidence
from detection.alerting.alert_state import HYSTERESIS, AlertState, is_busy
from detection.bins import Bin, OpenBin, QuietSpan, Total, ratio
from detection.evidence.decayed_window import CALM_EFFECT, DecayedWindow
from detection.evidence.likelihood_ratio import log_likelihood_ratio
from detection.evidence.online_fdr import OnlineFdr
from detection.evidence.peak_tail import PEAK_FLOOR, RISE_FLOOR, PeakTail
from detection.expected.decayed_mean import DecayedMean
from detection.expected.market_adjustment import AdjustedWindow, adjust_for_market
from detection.expected.overdispersion import quiet_span_excess, window_dispersion, window_excess
from detection.expected.trimmed_market import TrimmedMarket
from detection.expected.volume_model import Expected, VolumeModel
from schemas.alert import Status

MIN_STORIES: Final = 2
"""Stories of a rise below which no alert fires, however bad one story is."""
NEW_BASELINE_BINS: Final = 24.0
"""Weight of a level that became the baseline, in bins. With the weight of a whole past it would
still be expected when the next crisis comes, and hide it."""


class Weighed(NamedTuple):
    """The evidence of a window, and what the population learns from it.

    Attributes:
        evidence: natural log likelihood ratio of a surge against none.
        excess: the window's excess variance and its weight; None if nothing is to be learnt.
    """

    evidence: float
    excess: tuple[float, float] | None


def evidence_of(window: AdjustedWindow, dispersion: float, expected: Expected) -> float:
    """Return the evidence of a surge; the forecast's own error is added to the dispersion."""
    return log_likelihood_ratio(window, dispersion + 1.0 / expected.shape)


class Conclusion(NamedTuple):
    """What becomes of an alert at the end of a bin, and what the population learns from it.

    Attributes:
        status: how the alert changed, if it did.
        peaks: counts for the population's tail.
    """

    status: Status | None
    peaks: PeakTail


@dataclass(slots=True)
class SubjectDetector:
    """Everything that is known of a subject in numbers. The order of fields is that of its bytes.

    Attributes:
        peak: highest evidence of the current rise, up to the threshold.
        open: news of the open bin.
        share: negative stories per story.
        volume: law of the counts.
        window: sums of the last day.
        dispersion: excess variance of the windows.
        rise: totals since the evidence began to rise.
        tail: peaks of the evidence so far.
        alert: state of the alert.
    """

    peak: float = 0.0
    open: OpenBin = field(default_factory=OpenBin)
    share: DecayedMean = field(default_factory=DecayedMean)
    volume: VolumeModel = field(default_factory=VolumeModel)
    window: DecayedWindow = field(default_factory=DecayedWindow)
    dispersion: DecayedMean = field(default_factory=DecayedMean)
    rise: Total = field(default_factory=Total)
    tail: PeakTail = field(default_factory=PeakTail)
    alert: AlertState = field(default_factory=AlertState)

    @property
    def is_busy(self) -> bool:
        """Return whether the next bin can change anything even without news."""
        return is_busy(self.open.signals, self.alert.active, self.alert.pending)

    def weigh(
        self, current: Bin, expected: Expected, pool: DecayedMean, window: AdjustedWindow
    ) -> Weighed:
        """Return a window's evidence of a surge, and learn from it.

        Args:
            current: the bin with which the window ends.
            expected: forecast of its count.
            pool: dispersion of all subjects' windows.
            window: the window, next to the market.
        """
        dispersion = window_dispersion(self.dispersion, pool)
        evidence = evidence_of(window, dispersion, expected)
        excess = None
        if self.alert.is_firing:
            self.alert.total.add(current)
        elif evidence < PEAK_FLOOR:
            excess = window_excess(window, dispersion)
            if excess:
                self.dispersion.learn(*excess)

        if evidence >= RISE_FLOOR:
            self.rise.add(current)
        elif self.rise.bins:
            self.rise = Total()
        return Weighed(evidence, excess)

    def end_of_bin(
        self, current: BinEvidence, policy: AlertPolicy, pool: PeakTail, fdr: OnlineFdr
    ) -> Conclusion:
        """Update the alert at the end of a bin.

        Args:
            current: evidence of the bin.
            policy: settings of the rule.
            pool: tail of all subjects' peaks.
            fdr: the test for discoveries, which counts the alert.
        """
        alert, (number, evidence, threshold, effect, may_alert) = self.alert, current
        peaks = PeakTail() if alert.is_firing else self.follow_rise(1, evidence, threshold)

        is_surging = evidence >= threshold and self.rise.stories >= MIN_STORIES and may_alert
        is_calm = effect < CALM_EFFECT and evidence < HYSTERESIS * threshold
        status = alert.step(number, is_surging, is_calm, effect, policy.wait, policy.keep)
        if status == "firing":
            peaks.add(self.begin_alert(threshold, policy, pool, fdr))
        elif status == "resolved":
            self.rise = Total()

        if alert.is_proven(number, evidence, policy.trial):
            alert.discovery = True
            fdr.discoveries += 1.0
            status = status or "escalated"
        self.tail.add(peaks)
        return Conclusion(status, peaks)

    def begin_alert(
        self, threshold: float, policy: AlertPolicy, pool: PeakTail, fdr: OnlineFdr
    ) -> PeakTail:
        """Note with what the alert, which has just fired, began; return counts for the tails."""
        alert = self.alert
        alert.total, alert.rule = replace(self.rise), policy.rule
        alert.proof = threshold + self.tail.scale_estimate(pool) * fdr.next_level()
        peaks = PeakTail()
        peaks.add_censored(threshold)
        self.peak = 0.0
        return peaks

    def follow_rise(self, bins: int, evidence: float, threshold: float) -> PeakTail:
        """Follow the rise of the evidence over ``bins``; return counts for the tails.

        The counts hold the bins, and the peak of the rise if it ended.
        """
        counts = PeakTail(watched=bins)
        if evidence >= RISE_FLOOR:
            self.peak = max(self.peak, min(evidence, threshold))
        elif self.peak:
            counts.add_peak(self.peak)
            self.peak = 0.0
        return counts

    def skip_empty_bins(
        self, span: QuietSpan, pool: DecayedMean, market: TrimmedMarket, name: str
    ) -> Weighed:
        """Let a span without news pass at once; return the evidence that is left after it."""
        dispersion, before = window_dispersion(self.dispersion, pool), self.window
        self.window = before.skipped(span)
        self.volume.skip_empty_bins(span.bins, span.season, span.prior)
        self.share.skip_bins(span.bins)

        adjusted = adjust_for_market(self.window, market.others(name, self.window))
        evidence = evidence_of(adjusted, dispersion, span.expected)
        excess = None
        if evidence < PEAK_FLOOR:
            excess = quiet_span_excess(before, self.window, span.bins, dispersion)
            if excess:
                self.dispersion.skip_bins(span.bins)
                self.dispersion.add(*excess)
        if evidence < RISE_FLOOR and self.rise.bins:
            self.rise = Total()
        return Weighed(evidence, excess)

    def rebaseline(self) -> None:
        """Make the level since the alert's onset the baseline, as far as it still goes on.

        It counts as `NEW_BASELINE_BINS`: if the news ends, it is soon forgotten.
        """
        total, window = self.alert.total, self.window
        growth = min(ratio(total.volume, total.expected), ratio(window.volume, window.baseline))
        factor = max(growth, 1.0)
        share = min(ratio(total.negative, total.volume), ratio(window.negative, window.volume))
        self.volume.rate.limit(NEW_BASELINE_BINS)
        self.volume.rate.total *= factor
        self.share.limit(NEW_BASELINE_BINS * self.volume.level)
        self.share.total = max(self.share.total, share * self.share.weight)
        self.window = window.rebaselined(factor, share)
