"""Seeded streams of simulated news, with or without planted surges."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final, Literal, NamedTuple

import numpy as np
from hawkes import BRANCHING, excited
from numpy.typing import NDArray

from schemas.signal import Signal

BEGIN: Final = datetime(2024, 1, 1, tzinfo=UTC)
"""A Monday."""
HOUR: Final = timedelta(hours=1)
DAYS_A_MONTH: Final = 30.436875

RATE: Final = 2.0
"""Median headlines a day of a subject; rates are lognormal, half of them between 1 and 4."""
RATE_SPREAD: Final = 1.0
SHARE: Final = (3.0, 7.0)
"""Beta of the subjects' negative shares: 0.3 on average, mostly 0.1 to 0.55."""
CERTAINTY: Final = 2.0
"""Beta concentration of a headline's negative probability around the share: mostly clear cases."""
DISPERSION: Final = 1.5
"""Gamma shape of each day's rate: a daily mean of m has the variance m + m² / 1.5."""
DRIFT: Final = 2.0
"""Rates grow or shrink by up to this factor in half a year, and shares move as odds."""
SURGE: Final = timedelta(days=3)
LEARNING: Final = timedelta(days=60)
"""Time before the first surge, in which the detector learns."""


class World(NamedTuple):
    """The variation of news beyond that of a Poisson process."""

    name: str
    dispersed: bool = False
    seasonal: bool = False
    exciting: bool = False
    drifting: bool = False


WORLDS: Final = (
    World("independent"),
    World("over-dispersion", dispersed=True),
    World("seasonality", seasonal=True),
    World("self-excitation", exciting=True),
    World("drift", drifting=True),
    World("all together", dispersed=True, seasonal=True, exciting=True, drifting=True),
)


class Effect(NamedTuple):
    """The size of a surge: factors of the volume and of the odds of being negative."""

    volume: float
    odds: float

    def __str__(self) -> str:
        return f"volume x {self.volume:g}, odds x {self.odds:g}"


EFFECTS: Final = (Effect(2, 1.5), Effect(3, 2), Effect(5, 3), Effect(8, 4), Effect(12, 6))


class Planted(NamedTuple):
    """A surge in a stream.

    Attributes:
        subject: whom it is about.
        begin: when it begins.
        effect: an index of `EFFECTS`.
        length: how long it lasts.
        kind: its course, if it is not constant.
    """

    subject: str
    begin: datetime
    effect: int
    length: timedelta = SURGE
    kind: Literal["", "fast", "slow"] = ""


class Stream(NamedTuple):
    """Headlines in order of time.

    Attributes:
        subjects: how many there are.
        days: the length of the stream.
        hours: time of each headline, since `BEGIN`.
        owner: index of each headline's subject.
        negative: negative probability of each headline.
        planted: surges.
        stories: story of each headline; each is one of its own if None.
    """

    subjects: int
    days: int
    hours: NDArray[np.float64]
    owner: NDArray[np.int64]
    negative: NDArray[np.float64]
    planted: tuple[Planted, ...] = ()
    stories: NDArray[np.int64] | None = None

    @property
    def months(self) -> float:
        """The stream's exposure in subject-months."""
        return self.subjects * self.days / DAYS_A_MONTH

    def signals(self, seed: int) -> Iterator[Signal]:
        """Yield a signal for each headline."""
        stories = self.stories
        if stories is None:
            stories = np.random.default_rng(seed).integers(1, 1 << 63, len(self.hours))
        columns = (self.hours, self.owner, self.negative, stories)
        for number, hour, owner, negative, story in zip(count(), *(it.tolist() for it in columns)):
            yield Signal.model_construct(
                subject=name(owner),
                key=f"k{number}",
                published=BEGIN + hour * HOUR,
                negative=negative,
                neutral=1.0 - negative,
                positive=0.0,
                headline="",
                source=f"s{number % 7}",
                model="synthetic",
                relevance=1.0,
                story=story,
                lineage="",
            )


def name(owner: int) -> str:
    """Return the name of a subject.

    >>> name(7)
    'company:S007'
    """
    return f"company:S{owner:03}"


def stream(  # noqa: PLR0913, PLR0917 - what decides about a stream
    world: World,
    subjects: int,
    days: int,
    seed: int,
    surges: int = 0,
    moved: int | None = None,
) -> Stream:
    """Return simulated news about ``subjects`` for ``days``.

    The first ``moved`` subjects, by default all, have ``surges`` each, after `LEARNING`.
    """
    dice = np.random.default_rng(seed)
    rates = RATE / 24.0 * np.exp(RATE_SPREAD * dice.standard_normal(subjects))
    shares = dice.beta(*SHARE, subjects)
    moved = subjects if moved is None else moved
    planted = tuple(plant(moved, days, surges, dice)) if surges else ()
    headlines = [
        _subject(world, index, rates[index], shares[index], days, planted, dice)
        for index in range(subjects)
    ]
    hours = np.concatenate([subject_hours for subject_hours, _ in headlines])
    negative = np.concatenate([subject_negative for _, subject_negative in headlines])
    owner = np.repeat(np.arange(subjects), [len(subject_hours) for subject_hours, _ in headlines])
    order = np.argsort(hours, kind="stable")
    return Stream(subjects, days, hours[order], owner[order], negative[order], planted)


def plant(  # noqa: PLR0913, PLR0917 - what decides about surges
    subjects: int,
    days: int,
    surges: int,
    dice: np.random.Generator,
    length: timedelta = SURGE,
    kind: Literal["", "fast", "slow"] = "",
) -> Iterator[Planted]:
    """Yield surges such that two of a subject are at least two weeks apart."""
    stretch = (days - LEARNING.days) / surges
    for index in range(subjects):
        for number in range(surges):
            offset = dice.uniform(0.0, max(stretch - length / timedelta(days=1) - 14, 1.0))
            begin = BEGIN + LEARNING + timedelta(days=number * stretch + offset)
            yield Planted(name(index), begin, (index + number) % len(EFFECTS), length, kind)


def _subject(  # noqa: PLR0913, PLR0917 - what a stream is made of
    world: World,
    index: int,
    rate: float,
    share: float,
    days: int,
    planted: Sequence[Planted],
    dice: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    volume, odds = _shape(world, days, dice)
    for surge in planted:
        if surge.subject == name(index):
            begin = round((surge.begin - BEGIN) / HOUR)
            span = slice(begin, begin + SURGE // HOUR)
            volume[span] *= EFFECTS[surge.effect].volume
            odds[span] *= EFFECTS[surge.effect].odds
    fresh = rate * volume * ((1.0 - BRANCHING) if world.exciting else 1.0)
    bins = np.repeat(np.arange(24 * days), dice.poisson(fresh))
    hours = bins + dice.random(len(bins))
    if world.exciting:
        hours = excited(hours, 24.0 * days, dice)
    chance = share / (1.0 - share) * odds[hours.astype(np.int64)]
    mean = chance / (1.0 + chance)
    return hours, dice.beta(CERTAINTY * mean, CERTAINTY * (1.0 - mean))


def _shape(
    world: World, days: int, dice: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return, for each hour, the factors of the rate and of the odds of being negative."""
    hours = np.arange(24 * days)
    volume, odds = np.ones(len(hours)), np.ones(len(hours))
    if world.dispersed:
        volume *= np.repeat(dice.gamma(DISPERSION, 1.0 / DISPERSION, days), 24)
    if world.seasonal:
        volume *= WEEK[hours % len(WEEK)]
    if world.drifting:
        trend = dice.uniform(-1.0, 1.0, 2)[:, None] * np.log(DRIFT) * hours / (24 * 182.6)
        volume, odds = volume * np.exp(trend[0]), odds * np.exp(trend[1])
    return volume, odds


_BUSINESS, _PEAKS = range(7, 21), (8, 13, 16)


def _week() -> NDArray[np.float64]:
    """Return the weight of each hour of a week, 1 on average; business hours have the most."""
    hour = np.arange(24)
    day = np.where(np.isin(hour, list(_BUSINESS)), 1.0, 0.1) + 0.8 * np.isin(hour, _PEAKS)
    week: NDArray[np.float64] = np.concatenate([np.tile(day, 5), np.tile(np.full(24, 0.1), 2)])
    hourly: NDArray[np.float64] = week / week.mean()
    return hourly


WEEK: Final = _week()
