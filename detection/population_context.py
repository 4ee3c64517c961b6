"""Everything that a subject needs besides itself, and the steps that involve both."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from detection.alerting.alert_policy import AlertPolicy
from detection.bins import QuietSpan, ratio
from detection.evidence.decayed_window import DecayedWindow
from detection.expected.bin_clock import WARM_UP_BINS, WEEK
from detection.expected.decayed_mean import remembered_bins
from detection.expected.negative_share import SHARE_PRIOR_WEIGHT
from detection.expected.population_priors import PopulationPriors
from detection.expected.trimmed_market import TrimmedMarket
from detection.expected.volume_model import (
    FIRST_DISPERSION,
    FIRST_PRIOR_WEIGHT,
    Prior,
    excess_variance,
)
from detection.subject_detector import SubjectDetector
from detection.subject_state import CaughtUpTo, Subject

FIRST_LEVEL: Final = 0.3
"""Stories per bin of a subject, before any subject was seen."""
FIRST_SHARE: Final = 0.3
"""Share of negative news, before any news was seen."""
LEVEL_SHAPE: Final = 0.5
"""Shape of the gamma law of levels over subjects: many are quiet, few are busy."""
MAX_LEVEL_PRIOR_WEIGHT: Final = 24.0
"""Upper bound of the weight of a level's prior, in bins."""


class BinContext(NamedTuple):
    """What is expected of any subject in a bin, before its own news is looked at.

    Attributes:
        number: index of the bin.
        season: weekly factor of the bin.
        prior: prior of a subject's level.
        dispersion: dispersion of a subject's counts.
        share: negative share of the market.
        weight_ratio: E[w²] / E[w] of a story's negative weight w.
        log_odds_shift: how far the log odds of the market's last day exceed those of its
            share; 0 without news.
    """

    number: int
    season: float
    prior: Prior
    dispersion: float
    share: float
    weight_ratio: float
    log_odds_shift: float = 0.0


@dataclass(slots=True)
class PopulationContext:
    """The state that all subjects share.

    Attributes:
        priors: what is learnt from all subjects.
        market: the market as a subject of its own.
        policy: settings of the rule.
        others: the market without its strongest subjects.
    """

    priors: PopulationPriors
    market: Subject
    policy: AlertPolicy
    others: TrimmedMarket = field(default_factory=TrimmedMarket)

    @property
    def is_warm(self) -> bool:
        """Whether enough bins were seen since the feed began to weigh evidence."""
        return self.priors.totals.bins_since_start >= WARM_UP_BINS

    def bin_context(self, number: int, season: float) -> BinContext:
        """Return what is known before a bin of this season."""
        priors, totals = self.priors, self.priors.totals
        level = max(totals.levels / totals.subjects, 1e-3) if totals.subjects else FIRST_LEVEL
        return BinContext(
            number=number,
            season=season,
            prior=Prior(level, min(LEVEL_SHAPE / level, MAX_LEVEL_PRIOR_WEIGHT)),
            dispersion=max(
                priors.count_dispersion.shrunk(FIRST_DISPERSION, FIRST_PRIOR_WEIGHT), 0.0
            ),
            share=self.market.detector.share.shrunk(FIRST_SHARE, SHARE_PRIOR_WEIGHT),
            weight_ratio=priors.weight_ratio.estimate,
        )

    def newcomer(self, name: str, number: int) -> Subject:
        """Return a subject at its first signal, as one without news since the feed began."""
        totals = self.priors.totals
        subject = Subject(name, CaughtUpTo(number, totals.bins, totals.seasons))
        subject.detector.volume.rate.weight = remembered_bins(totals.bins)
        totals.subjects += 1
        return subject

    def quiet_span(self, subject: Subject, bins: int, seasons: float) -> QuietSpan:
        """Return what was expected of a subject in bins without news since it was looked at.

        Args:
            subject: the subject.
            bins: number of the bins.
            seasons: sum of their weekly factors.
        """
        season, detector = seasons / bins, subject.detector
        context = self.bin_context(subject.caught_up_to.bin, season)
        expected = detector.volume.expect(context.prior, season, context.dispersion)
        share = detector.share.shrunk(context.share, SHARE_PRIOR_WEIGHT)
        return QuietSpan(bins, season, context.prior, expected, share, context.weight_ratio)

    def window_after(self, subject: Subject, season: float) -> DecayedWindow:
        """Return the window of a subject without news, at the end of a bin of this season."""
        totals, caught_up_to = self.priors.totals, subject.caught_up_to
        bins = totals.bins + 1 - caught_up_to.closed
        seasons = totals.seasons + season - caught_up_to.seasons
        return subject.detector.window.skipped(self.quiet_span(subject, bins, seasons))

    def catch_up(self, subject: Subject, number: int) -> None:
        """Let the bins without news before ``number`` pass. O(1), however many they are."""
        priors, detector, totals = self.priors, subject.detector, self.priors.totals
        bins = totals.bins - subject.caught_up_to.closed
        if bins <= 0:
            return
        span = self.quiet_span(subject, bins, totals.seasons - subject.caught_up_to.seasons)
        level = detector.volume.level

        # Weigh.
        threshold = detector.tail.threshold(priors.tail, self.policy.rate)
        evidence, excess = detector.skip_empty_bins(
            span, priors.window_dispersion, self.others, subject.name
        )
        peaks = detector.follow_rise(bins, evidence, threshold)

        # Learn.
        detector.tail.add(peaks)
        priors.tail.add(peaks)
        if excess:
            priors.window_dispersion.add(*excess)
        excess_count, weight = excess_variance(0.0, span.expected)
        priors.count_dispersion.add(bins * excess_count, bins * weight)
        self.follow(detector, level, detector.volume.rate.weight)
        subject.caught_up_to = CaughtUpTo(number, totals.bins, totals.seasons)

    def follow(self, detector: SubjectDetector, level: float, learnt_bins: float) -> None:
        """Move what is expected of all subjects by the change of one subject's level.

        The market also learns from the subject's news, but with the weight of its whole past, and a
        subject that was rebaselined with that of a day. The difference is added here, so that a
        crisis is expected of the market no longer than of the subject.

        Args:
            detector: the subject's, after the change.
            level: the subject's level before, in stories a bin.
            learnt_bins: weight, in bins, with which the subject learnt the change from its news; 0
                if it was rebaselined.
        """
        change = detector.volume.level - level
        self.priors.totals.levels += change
        market = self.market.detector
        stories = change * max(market.volume.rate.weight - learnt_bins, 0.0)
        market.volume.rate.total = max(market.volume.rate.total + stories, 0.0)
        share = ratio(detector.share.total, detector.share.weight)
        market.share.weight = max(market.share.weight + stories, 0.0)
        negative = market.share.total + stories * share
        market.share.total = min(max(negative, 0.0), market.share.weight)

    def rebaseline_lasting(self, number: int, subjects: Iterable[Subject]) -> None:
        """Make the level of each alert that has fired for a week the baseline."""
        for subject in (self.market, *subjects):
            detector = subject.detector
            if not detector.alert.is_rebaseline_due(number, WEEK):
                continue
            detector.alert.rebaselined = number
            level, window = detector.volume.level, detector.window
            detector.rebaseline()
            if subject is not self.market:
                self.follow(detector, level, learnt_bins=0.0)
                self.market.detector.window.expect_change(window, detector.window)
