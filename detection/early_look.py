"""Look at a subject's evidence while its bin is still open, so that an alert need not wait for it.

The open bin is weighed as if nothing more came in it, against all that is expected of the whole
bin. So the evidence is about what it will be at the end of the bin if no more news comes, and a
look in between allows hardly more false alarms than the look at the end.

The others are those of the last bins, with the news that came in this one so far.
"""

from dataclasses import replace

from detection.bin_close import BinResult, MayAlert
from detection.bin_forecast import forecast_bin
from detection.evidence.decayed_window import CALM_EFFECT, DecayedWindow
from detection.expected.bin_clock import WEEK
from detection.expected.market_adjustment import adjust_for_market
from detection.expected.overdispersion import window_dispersion
from detection.population_context import BinContext, PopulationContext
from detection.subject_detector import MIN_STORIES, SubjectDetector, evidence_of
from detection.subject_state import Subject


def is_worth_a_look(detector: SubjectDetector) -> bool:
    """Return whether an alert may be due in the open bin; cheap, since it is asked often."""
    window, current = detector.window, detector.open
    return (
        window.negative + current.negative + 1.0 >= CALM_EFFECT * (window.baseline_negative + 1.0)
        and detector.rise.stories + current.stories >= MIN_STORIES
        and not detector.alert.is_firing
    )


def look(
    context: PopulationContext, number: int, subject: Subject, may_alert: MayAlert
) -> BinResult | None:
    """Let an alert fire if the open bin so far is evidence enough; return it then.

    Args:
        context: state that all subjects share.
        number: index of the open bin.
        subject: one that has caught up with it.
        may_alert: called if the evidence reaches the threshold.
    """
    priors, policy, detector = context.priors, context.policy, subject.detector
    # Asked again, since a rise may have ended in the bins with which the subject has caught up.
    stories = detector.rise.stories + detector.open.stories
    if not context.is_warm or stories < MIN_STORIES:
        return None
    bin_context = context.bin_context(number, priors.profile.factor(number % WEEK))
    forecast = forecast_bin(subject, bin_context)
    window = replace(detector.window)
    window.add(forecast.bin)
    others = others_so_far(context, bin_context, subject)
    dispersion = window_dispersion(detector.dispersion, priors.window_dispersion)
    evidence = evidence_of(adjust_for_market(window, others), dispersion, forecast.expected)
    threshold = detector.tail.threshold(priors.tail, policy.rate)
    if evidence < threshold or not may_alert(subject.name):
        return None

    detector.alert.fire(number, window.effect)
    peaks = detector.begin_alert(threshold, policy, priors.tail, priors.fdr)
    if not detector.alert.total.bins:
        detector.alert.total.onset = number
    detector.tail.add(peaks)
    priors.tail.add(peaks)
    return BinResult(subject, forecast.bin, evidence, threshold, "firing")


def others_so_far(
    context: PopulationContext, bin_context: BinContext, subject: Subject
) -> DecayedWindow:
    """Return the window of the other subjects with their news of the open bin."""
    detector = subject.detector
    others = replace(context.others.others(subject.name, detector.window))
    current, own = forecast_bin(context.market, bin_context).bin, detector.open
    others.add(
        current._replace(
            volume=max(current.volume - own.volume, 0.0),
            negative=max(current.negative - own.negative, 0.0),
        )
    )
    return others
