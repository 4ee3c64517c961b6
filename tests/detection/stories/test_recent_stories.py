"""Recent stories of a subject."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.stories.recent_stories import EXPIRY_BINS, MAX_STORIES, RecentStories
from detection.stories.simhash import is_same_story

DISTINCT = [0xFFFF, 0xFFFF << 16, 0xFFFF << 32, 0xFFFF << 48, 0xFF00FF00FF00FF00]


def test_a_story_is_new_once() -> None:
    """Ten reports of one story would count ten times."""
    stories = RecentStories()
    reports = [stories.first_seen(DISTINCT[0] ^ 1 << bit, 0) for bit in range(40, 50)]
    assert reports == [True, *[False] * 9]


def test_a_story_is_new_again_after_a_silence() -> None:
    """The anniversary of a story would not count, or a story that goes on would count anew."""
    stories = RecentStories()
    assert stories.first_seen(DISTINCT[0], 0)
    assert not stories.first_seen(DISTINCT[0], EXPIRY_BINS - 1)
    assert not stories.first_seen(DISTINCT[0], 2 * EXPIRY_BINS - 2)
    assert stories.first_seen(DISTINCT[0], 3 * EXPIRY_BINS - 2)


def test_a_report_from_an_earlier_bin_does_not_shorten_the_memory() -> None:
    """A late article would make a story that is still going on count anew."""
    stories = RecentStories()
    stories.first_seen(DISTINCT[0], 40)
    stories.first_seen(DISTINCT[0], 10)
    assert not stories.first_seen(DISTINCT[0], 10 + EXPIRY_BINS)


def test_the_story_that_was_reported_longest_ago_is_dropped() -> None:
    """A story that is reported all the time would be forgotten before one that is over."""
    dice = Random(1)
    continuing, over, *others = (dice.getrandbits(64) for _ in range(MAX_STORIES))
    stories = RecentStories()
    for fingerprint in (continuing, over, *others):
        assert stories.first_seen(fingerprint, 0)
    assert not stories.first_seen(continuing, 1)
    assert stories.first_seen(dice.getrandbits(64), 2)
    assert not stories.first_seen(continuing, 3)
    assert stories.first_seen(over, 3)
    assert len(stories.reports) == MAX_STORIES


def test_a_headline_without_a_fingerprint_is_always_new() -> None:
    """Headlines without words would hide each other, or push known stories out."""
    stories = RecentStories()
    assert [stories.first_seen(0, number) for number in range(20)] == [True] * 20
    assert stories.reports == []


def test_the_fingerprint_of_the_first_report_stays() -> None:
    """A story could drift by a few bits a report until it matches another one."""
    stories = RecentStories()
    stories.first_seen(DISTINCT[0], 0)
    stories.first_seen(DISTINCT[0] ^ 0x3FFF << 40, 1)
    assert stories.reports == [(DISTINCT[0], 1)]
    assert stories.first_seen(DISTINCT[0] ^ 0x3FFF << 40 ^ 0x7F << 30, 2)


@pytest.mark.property
@given(
    reports=st.lists(
        st.tuples(st.integers(0, 2**64 - 1) | st.sampled_from(DISTINCT), st.integers(0, 100)),
        max_size=40,
    )
)
def test_the_memory_is_bounded_and_matches_a_plain_search(reports: list[tuple[int, int]]) -> None:
    """A subject's state would grow for ever, or a known story would count as new."""
    stories, model = RecentStories(), dict[int, int]()
    for fingerprint, number in reports:
        known = [other for other in reversed(model) if is_same_story(other, fingerprint)]
        is_new = not known or number - model[known[0]] >= EXPIRY_BINS
        assert stories.first_seen(fingerprint, number) == is_new
        if known:
            model[known[0]] = max(model.pop(known[0]), number)
        elif fingerprint:
            model[fingerprint] = number
        model = dict(list(model.items())[-MAX_STORIES:])
        assert stories.reports == list(model.items())
