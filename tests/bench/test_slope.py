"""The soak's judgement: a leak is found, and kills are not taken for one."""

import random

import pytest
from slope import HOUR, Tolerance, slope, verdict
from soak import MIN_SAMPLES, TOLERANCES, Look, judge

TIMES = [10.0 * number for number in range(180)]


def noisy(start: float, an_hour: float, spikes: int = 0) -> list[float]:
    """Return samples of half an hour, with some that are a hundred times as high."""
    dice = random.Random(3)
    values = [start + an_hour * time / HOUR + dice.gauss(0, start / 100) for time in TIMES]
    for number in dice.sample(range(len(values)), spikes):
        values[number] *= 100
    return values


def test_a_leak_is_found_through_noise() -> None:
    """A worker that grows by a fifth an hour would be called flat, and end the machine in a day."""
    found = verdict("memory", TIMES, noisy(400, 80), Tolerance(0.05, 10))
    assert found.an_hour == pytest.approx(80, rel=0.1)
    assert found.growth == pytest.approx(40, rel=0.1)
    assert not found.is_flat


def test_kills_do_not_look_like_a_leak() -> None:
    """Each soak would fail, since latency is high while a killed worker's partitions wait."""
    values = noisy(100, 0)
    for kill in range(17, len(values), 18):  # each three minutes, ever longer
        values[kill] = 1_000.0 + 100 * kill
    assert verdict("latency", TIMES, values, Tolerance(0.25, 25)).is_flat
    assert verdict("latency", TIMES, noisy(100, 0, spikes=40), Tolerance(0.25, 25)).is_flat


def test_shrinking_is_no_fault() -> None:
    """A worker that gives memory back would be reported."""
    assert verdict("memory", TIMES, noisy(400, -300), Tolerance(0.05, 10)).is_flat


def test_one_sample_says_nothing() -> None:
    """A soak without samples would be called flat."""
    with pytest.raises(ValueError, match="1 samples say nothing"):
        verdict("memory", [0.0], [1.0], Tolerance(0.05, 10))
    assert slope([1.0, 1.0], [2.0, 3.0]) == 0.0


def looks(**grown: float) -> list[Look]:
    """Return half an hour in which the named series grow by so much in each minute."""
    start = {"memory": 400.0, "sockets": 40.0, "broker_sockets": 60.0, "lag": 20.0, "latency": 90.0}
    return [
        Look(minute, *(value + grown.get(key, 0.0) * minute for key, value in start.items()))
        for minute in map(float, range(30))
    ]


def test_each_series_is_judged_for_itself() -> None:
    """A leak of sockets would be lost among series that are flat."""
    assert all(each.is_flat for each in judge(looks()))
    for key, (name, _) in TOLERANCES.items():
        found = judge(looks(**{key: 20.0}))
        assert [each.name for each in found if not each.is_flat] == [name]


def test_the_time_in_which_caches_fill_is_not_judged() -> None:
    """Every soak would fail for what a process allocates in its first minutes."""
    begun = [look._replace(memory=200.0) if look.minute < 7 else look for look in looks()]
    memory = judge(begun)[0]
    assert memory.is_flat
    assert memory.median == 400.0
    assert len(begun) > MIN_SAMPLES
