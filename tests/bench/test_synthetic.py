"""Simulated news is what the tables say it is."""

from datetime import timedelta
from itertools import islice

import numpy as np
import pytest
from synthetic import (
    BEGIN,
    EFFECTS,
    HOUR,
    SURGE,
    WEEK,
    WORLDS,
    Planted,
    Stream,
    World,
    name,
    stream,
)

INDEPENDENT, DISPERSED, SEASONAL, EXCITED, DRIFTING, ALL = WORLDS


def test_a_seed_gives_the_same_news() -> None:
    """A table can't be made again."""
    first, second = (stream(ALL, 5, 80, seed=3, surges=1) for _ in range(2))
    assert first.planted == second.planted
    assert list(islice(first.signals(1), 50)) == list(islice(second.signals(1), 50))
    other = stream(ALL, 5, 80, seed=4, surges=1)
    assert list(islice(other.signals(1), 50)) != list(islice(first.signals(1), 50))


def test_every_world_has_as_much_news() -> None:
    """A world looks noisier or calmer only because it has more or less news."""
    sizes = [len(stream(world, 40, 200, seed=1).hours) for world in WORLDS]
    assert max(sizes) < 1.25 * min(sizes)


@pytest.mark.parametrize("world", [DISPERSED, EXCITED], ids=lambda it: it.name)
def test_clusters_make_counts_more_variable_than_chance(world: World) -> None:
    """Over-dispersion and self-excitation are promised and not simulated."""
    usual, clustered = (_dispersion(it) for it in (INDEPENDENT, world))
    assert usual == pytest.approx(1.0, abs=0.1)
    assert clustered > 1.6


def _dispersion(world: World) -> float:
    """Variance of a day's count over its mean, 1 for independent news; the subjects' mean."""
    made = stream(world, 20, 400, seed=8)
    days = (made.hours // 24).astype(int)
    daily = np.array([np.bincount(days[made.owner == it], minlength=400) for it in range(20)])
    return float(np.mean(daily.var(axis=1) / daily.mean(axis=1)))


def test_nights_and_weekends_are_quiet_where_there_are_seasons() -> None:
    """Seasonality is promised and not simulated."""
    made = stream(SEASONAL, 40, 140, seed=1)
    weekday = np.bincount((made.hours % 168 // 24).astype(int), minlength=7)
    assert weekday[5:].max() < 0.3 * weekday[:5].min()
    assert WEEK.mean() == pytest.approx(1.0)


def test_a_surge_is_as_large_as_its_effect() -> None:
    """Recall is given for effects that were never planted."""
    made = stream(INDEPENDENT, 50, 400, seed=2, surges=5)
    quiet = stream(INDEPENDENT, 50, 400, seed=2)
    usual = len(quiet.hours) / 50 / 400 * (SURGE / timedelta(days=1))
    largest = [it for it in made.planted if it.effect == len(EFFECTS) - 1]
    counts, shares = zip(*(_within(made, it) for it in largest), strict=True)
    assert np.mean(counts) / usual == pytest.approx(EFFECTS[-1].volume, rel=0.35)
    assert np.mean(shares) > quiet.negative.mean() + 0.2


def _within(made: Stream, surge: Planted) -> tuple[int, float]:
    begin = (surge.begin - BEGIN) / HOUR
    own = np.array([name(it) == surge.subject for it in range(50)])[made.owner]
    inside = own & (made.hours >= begin) & (made.hours < begin + SURGE / HOUR)
    return int(inside.sum()), float(made.negative[inside].mean())


def test_two_surges_of_a_subject_are_two_weeks_apart() -> None:
    """A surge is found by the alert of the one before, which still fires."""
    made = stream(INDEPENDENT, 20, 240, seed=5, surges=5)
    for place in range(20):
        begins = [it.begin for it in made.planted if it.subject == name(place)]
        gaps = np.diff([begin.timestamp() for begin in begins])
        assert len(begins) == 5
        assert gaps.min() >= timedelta(days=14).total_seconds()
