"""The simulated news that is fitted on real news has what a detector meets there."""

from collections import Counter
from datetime import timedelta

import news_world
import numpy as np
import pytest
from synthetic import BEGIN, EFFECTS, HOUR, LEARNING, name

SUBJECTS, DAYS = 40, 120


def test_equal_seeds_make_equal_news() -> None:
    """A figure could not be had again."""
    one, same, other = (news_world.stream(SUBJECTS, DAYS, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.hours, same.hours)
    assert np.array_equal(one.negative, same.negative)
    assert not np.array_equal(one.hours[:100], other.hours[:100])


def test_news_is_in_order_and_within_its_days() -> None:
    """The detector would drop what comes late, and find nothing."""
    news = news_world.stream(SUBJECTS, DAYS, 1)
    assert np.all(np.diff(news.hours) >= 0.0)
    assert 0.0 <= news.hours[0] <= news.hours[-1] < 24.0 * DAYS
    assert np.all((news.negative >= 0.0) & (news.negative <= 1.0))


def test_stories_have_copies_that_are_read_alike() -> None:
    """Ten wires of one story would be ten stories, or one would be read as bad and as good."""
    news = news_world.stream(SUBJECTS, DAYS, 1)
    assert news.stories is not None
    copies = Counter(news.stories.tolist())
    expected = news_world.fit()["copies"]
    assert len(news.hours) / len(copies) - 1.0 == pytest.approx(expected, rel=0.2)
    pairs = {(story, value) for story, value in zip(news.stories, news.negative, strict=True)}
    assert len(pairs) == len(copies)


@pytest.mark.parametrize("kind", news_world.KINDS)
def test_an_event_brings_more_news_and_worse(kind: news_world.Kind) -> None:
    """A detector would be said to miss what was never there."""
    news = news_world.stream(SUBJECTS, DAYS, 1, kind, 1)
    assert {surge.effect for surge in news.planted} == set(range(len(EFFECTS)))
    largest = [surge for surge in news.planted if surge.effect == len(EFFECTS) - 1]
    within = before = 0
    for surge in largest:
        mine = news.hours[news.owner == [name(n) for n in range(SUBJECTS)].index(surge.subject)]
        begin = (surge.begin - BEGIN) / HOUR
        length = surge.length / HOUR
        within += int(((mine >= begin) & (mine < begin + length)).sum())
        before += int(((mine >= begin - length) & (mine < begin)).sum())
    assert within > 3 * before
    assert all(surge.begin >= BEGIN + LEARNING for surge in news.planted)
    assert largest[0].length == timedelta(days=news_world.shape(kind).days)


def test_a_slow_event_takes_longer_to_rise() -> None:
    """Slow and fast events would be the same."""
    fast, slow = map(news_world.shape, news_world.KINDS)
    assert fast.rise < slow.rise
    assert fast.days < slow.days
