"""What a crisis leaves behind: it must not hide the next one of the same company."""

from detection.bins import Bin
from detection.evidence.peak_tail import PEAK_FLOOR, PeakTail
from detection.expected.decayed_mean import DecayedMean
from detection.expected.market_adjustment import NO_MARKET, adjust_for_market
from detection.expected.volume_model import Expected
from detection.subject_detector import SubjectDetector

EXPECTED = Expected(mean=2.0, size=8.0, shape=500.0)
RATE = 1e-4
HOT = 8.0
"""Evidence below the threshold of a wild feed, as crises of weeks have it again and again."""


def weigh(detector: SubjectDetector, number: int, negative: float) -> float:
    """Let a bin with so much negative news pass; return the evidence."""
    current = Bin(
        number, max(2.0, negative * 1.2), negative, 2.0, 0.3, baseline=2.0, baseline_share=0.3
    )
    detector.window.add(current)
    window = adjust_for_market(detector.window, NO_MARKET)
    return detector.weigh(current, EXPECTED, DecayedMean(), window).evidence


def after_calm() -> SubjectDetector:
    """Return a detector that has seen a hundred bins as expected."""
    detector = SubjectDetector()
    for number in range(100):
        weigh(detector, number, 0.6)
    return detector


def test_a_crisis_does_not_raise_its_own_dispersion() -> None:
    """The longer a crisis lasts the more ordinary it would be, and it would never alert."""
    detector = after_calm()
    before = DecayedMean(detector.dispersion.total, detector.dispersion.weight)
    evidence = [weigh(detector, 100 + number, 8.0) for number in range(24)]
    assert evidence[-1] > PEAK_FLOOR
    calm = sum(it < PEAK_FLOOR for it in evidence)
    assert calm < len(evidence) / 4
    assert detector.dispersion.weight <= before.weight + calm


def test_calm_windows_are_learnt() -> None:
    """A company would have the dispersion of all others for ever."""
    detector = after_calm()
    weight = detector.dispersion.weight
    weigh(detector, 100, 0.6)
    assert detector.dispersion.weight > weight


def test_the_peaks_of_a_first_crisis_hardly_raise_the_threshold() -> None:
    """A company that was in trouble once would be watched less closely for good."""
    population = PeakTail(watched=2_000_000.0, peaks=20_000.0, excess=20_000.0)
    subject = PeakTail(watched=8_760.0, peaks=80.0, excess=80.0)
    before = subject.threshold(population, RATE)
    for _ in range(5):
        subject.add_peak(PEAK_FLOOR + HOT)
    assert before < subject.threshold(population, RATE) < 1.2 * before
