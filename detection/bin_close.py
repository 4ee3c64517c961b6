"""The end of a bin: forecast, weigh the evidence, conclude about alerts, and learn."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from detection.alerting.alert_policy import BinEvidence
from detection.alerting.alert_state import FIRING_PACE
from detection.bin_forecast import BinForecast, forecast_bin
from detection.bins import Bin, OpenBin
from detection.evidence.peak_tail import PeakTail
from detection.expected.bin_clock import WEEK
from detection.expected.market_adjustment import (
    NO_MARKET,
    AdjustedWindow,
    adjust_for_market,
    log_odds_shift,
)
from detection.expected.negative_share import shift_log_odds
from detection.expected.population_priors import PopulationPriors, volume_factor
from detection.expected.trimmed_market import trim
from detection.expected.volume_model import excess_variance
from detection.population_context import BinContext, PopulationContext
from detection.subject_state import CaughtUpTo, Subject
from schemas.alert import Status

HALF_INFORMATIVE_LEVEL: Final = 5.0
"""Stories per bin at which a bin tells half as much of the weekly pattern as a bin can tell."""
MayAlert = Callable[[str], bool]
"""Returns whether the subject of this name may begin an alert."""


class WeighedBin(NamedTuple):
    """A bin with its evidence.

    Attributes:
        forecast: what was expected of the bin.
        evidence: natural log likelihood ratio of a surge against none; 0 during the warm-up.
        effect: negative volume of the window as a multiple of its baseline.
    """

    forecast: BinForecast
    evidence: float
    effect: float


class BinResult(NamedTuple):
    """The outcome of a bin for one subject.

    Attributes:
        subject: the subject after the bin.
        bin: observed and expected news.
        evidence: natural log likelihood ratio of a surge against none.
        threshold: evidence from which an alert fires.
        status: how the alert changed, if it did.
    """

    subject: Subject
    bin: Bin
    evidence: float
    threshold: float
    status: Status | None


def close_bin(
    context: PopulationContext,
    number: int,
    subjects: Sequence[Subject],
    strongest: Sequence[Subject],
    may_alert: MayAlert,
) -> list[BinResult]:
    """Close the open bin of ``subjects``, which is part of the past afterwards.

    The subjects are closed one after the other, each with what the population has learnt from
    those before it.

    Args:
        context: state that all subjects share.
        number: index of the bin.
        subjects: those with news and those whose alert may change without, all caught up.
        strongest: those without news in the bin that added most to the market before it.
        may_alert: called for a subject whose evidence reaches its threshold.

    Returns:
        One result for each subject, in the same order, and the market's at the end.
    """
    market = context.market
    bin_context = context_with_market(context, number)
    forecasts = [forecast_bin(subject, bin_context) for subject in subjects]
    market.detector.open = add_up(subject.detector.open for subject in subjects)
    clipped = add_up(forecast.clipped for forecast in forecasts)
    market_forecast = forecast_bin(market, bin_context, clipped)
    move_windows(context, bin_context, forecasts, market_forecast, strongest)

    rest = context.others.window
    market_window = adjust_for_market(rest, NO_MARKET)
    market_weighed = weigh(context, market_forecast, market_window, rest.effect)
    results = [
        close_subject(context, bin_context, forecast, market_forecast, may_alert)
        for forecast in forecasts
    ]
    market_level = max(market.detector.volume.rate.shrunk(*bin_context.prior), 1e-6)
    result, _ = conclude(context, bin_context, market_weighed, market.detector.tail, may_alert)
    context.rebaseline_lasting(number, subjects)
    learn_of_all(context.priors, bin_context, market_forecast, market_level)
    return [*results, result]


def context_with_market(context: PopulationContext, number: int) -> BinContext:
    """Return what is expected of any subject in a bin, with how dark the market is."""
    bin_context = context.bin_context(number, context.priors.profile.factor(number % WEEK))
    window = context.others.window
    shift = log_odds_shift(window.negative, window.volume, bin_context.share)
    return bin_context._replace(log_odds_shift=shift)


def move_windows(
    context: PopulationContext,
    bin_context: BinContext,
    forecasts: Sequence[BinForecast],
    market: BinForecast,
    strongest: Sequence[Subject],
) -> None:
    """Let all windows end with the bin, and leave the strongest subjects out of the market's."""
    if context.is_warm:
        for forecast in (market, *forecasts):
            forecast.subject.detector.window.add(forecast.bin)
    subjects = [forecast.subject for forecast in forecasts]
    windows = [(subject.name, subject.detector.window) for subject in subjects]
    windows += [
        (subject.name, context.window_after(subject, bin_context.season)) for subject in strongest
    ]
    context.others = trim(market.subject.detector.window, windows)


def learn_of_all(
    priors: PopulationPriors, bin_context: BinContext, market: BinForecast, level: float
) -> None:
    """Learn what a bin says of all subjects together, of which ``level`` stories were expected."""
    priors.weight_ratio.learn(market.clipped.negative, market.clipped.squares)
    busyness, weight = market.clipped.volume / level, level / (level + HALF_INFORMATIVE_LEVEL)
    priors.profile.learn(bin_context.number % WEEK, busyness, weight)
    priors.count_dispersion.skip_bins(1)
    priors.window_dispersion.skip_bins(1)
    priors.totals.add_bin(bin_context.season, is_silent=not market.bin.signals)


def add_up(bins: Iterable[OpenBin]) -> OpenBin:
    """Return the bin of all subjects together."""
    total = OpenBin()
    for news in bins:
        total.volume += news.volume
        total.negative += news.negative
        total.squares += news.squares
        total.stories += news.stories
        total.signals += news.signals
    return total


def weigh(
    context: PopulationContext, forecast: BinForecast, window: AdjustedWindow, effect: float
) -> WeighedBin:
    """Weigh the ``window`` that ends with a bin, and learn how much windows vary."""
    priors = context.priors
    if not context.is_warm:
        return WeighedBin(forecast, 0.0, effect)
    evidence, excess = forecast.subject.detector.weigh(
        forecast.bin, forecast.expected, priors.window_dispersion, window
    )
    # The market's windows say nothing of how much a subject's vary.
    if excess and forecast.subject is not context.market:
        priors.window_dispersion.add(*excess)
    return WeighedBin(forecast, evidence, effect)


def close_subject(
    context: PopulationContext,
    bin_context: BinContext,
    forecast: BinForecast,
    market: BinForecast,
    may_alert: MayAlert,
) -> BinResult:
    """Weigh the bin of one subject, conclude, and let the population learn from it."""
    priors, (subject, expected, current, clipped) = context.priors, forecast
    detector = subject.detector
    level = detector.volume.level
    factor = volume_factor(market.expected, market.clipped.volume, expected, clipped.volume)
    share = shift_log_odds(current.share, bin_context.log_odds_shift)
    forecast = forecast._replace(bin=current._replace(expected=expected.mean * factor, share=share))
    window, others = detector.window, context.others.others(subject.name, detector.window)
    weighed = weigh(context, forecast, adjust_for_market(window, others), window.effect)
    result, peaks = conclude(context, bin_context, weighed, priors.tail, may_alert)

    priors.tail.add(peaks)
    priors.count_dispersion.add(*excess_variance(clipped.volume, expected))
    context.follow(detector, level, detector.volume.rate.weight)
    return result


def conclude(
    context: PopulationContext,
    bin_context: BinContext,
    weighed: WeighedBin,
    pool: PeakTail,
    may_alert: MayAlert,
) -> tuple[BinResult, PeakTail]:
    """Update the alert of a subject and make the bin part of its past.

    The subject's tail is shrunk towards ``pool``. Return the peaks, too, for the population's tail.
    """
    (subject, expected, current, clipped), evidence, effect = weighed
    policy, totals, detector = context.policy, context.priors.totals, subject.detector
    threshold = detector.tail.threshold(pool, policy.rate)
    is_allowed = evidence < threshold or may_alert(subject.name)
    pace = FIRING_PACE if detector.alert.is_firing else 1.0

    status, peaks = detector.end_of_bin(
        BinEvidence(current.number, evidence, threshold, effect, is_allowed),
        policy,
        pool,
        context.priors.fdr,
    )
    detector.volume.learn(clipped.volume, bin_context.season, expected, pace)
    detector.share.learn(clipped.negative, clipped.volume, pace)
    detector.open = OpenBin()
    subject.caught_up_to = CaughtUpTo(
        current.number + 1, totals.bins + 1, totals.seasons + bin_context.season
    )
    return BinResult(subject, current, evidence, threshold, status), peaks
