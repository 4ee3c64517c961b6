"""What is expected of any subject before its own news is looked at."""

import pytest

from detection.alerting.alert_policy import AlertPolicy
from detection.expected.population_priors import FeedTotals, PopulationPriors
from detection.population_context import (
    FIRST_LEVEL,
    MAX_LEVEL_PRIOR_WEIGHT,
    PopulationContext,
)
from detection.rule import Rule
from detection.subject_state import Subject
from schemas.alert import MARKET


def context(totals: FeedTotals | None = None) -> PopulationContext:
    """Return the state that all subjects of a feed share."""
    priors = PopulationPriors(totals=totals or FeedTotals())
    return PopulationContext(priors, Subject(MARKET), AlertPolicy.of(Rule()))


def test_before_any_subject_the_level_is_the_assumed_one() -> None:
    """The first company of a feed would be expected to bring nothing, and alarm at once."""
    assert context().bin_context(0, 1.0).prior.level == FIRST_LEVEL


def test_a_new_subject_is_expected_to_be_as_busy_as_the_mean() -> None:
    """In a feed of busy companies each new one would alarm with its first news."""
    prior = context(FeedTotals(levels=30.0, subjects=10)).bin_context(0, 1.0).prior
    assert prior.level == 3.0


def test_the_prior_of_quiet_subjects_weighs_no_more_than_a_day() -> None:
    """A company that becomes busy among quiet ones would stay suspicious for weeks."""
    prior = context(FeedTotals(levels=0.0, subjects=10)).bin_context(0, 1.0).prior
    assert prior.bins == MAX_LEVEL_PRIOR_WEIGHT


def test_a_newcomer_had_no_news_since_the_feed_began() -> None:
    """Its first headline, after years of silence, would count as an ordinary one."""
    shared = context(FeedTotals(bins=500, seasons=480.0))
    shared.market.detector.volume.rate.weight = 24.0  # after an alert of a week
    newcomer = shared.newcomer("company:NEW", 700)
    assert newcomer.detector.volume.rate.weight == pytest.approx(400, rel=0.01)
    assert newcomer.detector.volume.level == 0.0
    assert shared.priors.totals.subjects == 1
    shared.catch_up(newcomer, 700)
    assert newcomer.detector.volume.rate.weight == pytest.approx(400, rel=0.01)


def test_a_subject_catches_up_with_the_bins_that_were_closed_meanwhile() -> None:
    """The silence of a subject would not count, and its next headline be no surprise."""
    shared = context()
    subject = shared.newcomer("company:OLD", 0)
    subject.detector.volume.rate.total = 40.0
    subject.detector.volume.rate.weight = 20.0
    before = subject.detector.volume.level
    shared.priors.totals.bins, shared.priors.totals.seasons = 240, 240.0
    shared.catch_up(subject, 240)
    assert subject.detector.volume.level < before / 5
    assert subject.detector.tail.watched == pytest.approx(240.0)
    assert subject.caught_up_to.bin == 240
    level = subject.detector.volume.level
    shared.catch_up(subject, 240)
    assert subject.detector.volume.level == level
