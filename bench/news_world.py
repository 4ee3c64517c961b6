"""Simulated news that is as the real news in what a detector meets; `news_fit.json` has the fit.

Companies have 0.1 to 50 stories a day. Days are over-dispersed, and all companies share days that
are busier or darker than usual. Stories have copies. What a model says of a story is drawn from
what it says of labelled bad news, or of other news. An event rises, stays and decays.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from synthetic import BEGIN, EFFECTS, HOUR, Planted, Stream, name, plant

from detection.expected.bin_clock import WEEK

Kind = Literal["fast", "slow"]
KINDS: Final[tuple[Kind, ...]] = ("fast", "slow")
NAME: Final = "as the news"
MIN_RATE, MAX_RATE = 0.1, 50.0
"""Bounds of a company's stories a day."""
FOUND_UNTIL: Final = 0.25
"""Share of an event's excess below which it is over."""


class Shape(NamedTuple):
    """The course of an event, in days; the decay ends at `FOUND_UNTIL`."""

    rise: float
    plateau: float
    decay: float

    def excess(self, days: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the excess, 0 to 1, at ``days`` since the beginning.

        >>> Shape(2.0, 1.0, 4.0).excess(np.array([-1.0, 1.0, 2.5, 7.0])).tolist()
        [0.0, 0.5, 1.0, 0.25]
        """
        rising = np.clip(days / max(self.rise, 1e-9), 0.0, 1.0)
        after = np.maximum(days - self.rise - self.plateau, 0.0)
        falling = FOUND_UNTIL ** (after / max(self.decay, 1e-9))
        excess: NDArray[np.float64] = np.where(days < 0.0, 0.0, rising * falling)
        return excess

    @property
    def days(self) -> float:
        """Return the days from the beginning to the end of the decay."""
        return self.rise + self.plateau + self.decay


@cache
def fit() -> dict[str, Any]:
    """Return the fit."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("news_fit.json").read_text())
    return found


def shape(kind: Kind) -> Shape:
    """Return the course of events of a kind; one that came up within a day took a quarter of it."""
    found = fit()["events"][kind]
    return Shape(max(found["rise"], 0.25), max(found["plateau"], 1.0), max(found["decay"], 1.0))


def stream(
    subjects: int, days: int, seed: int, kind: Kind | None = None, events: int = 0
) -> Stream:
    """Return news about ``subjects`` for ``days``, with ``events`` of a kind for each."""
    dice, found = np.random.default_rng(seed), fit()
    logs = found["rate_log_mean"] + found["rate_log_spread"] * dice.standard_normal(subjects)
    rates = np.clip(np.exp(logs), MIN_RATE, MAX_RATE)
    bad, other = found["bad_share_beta"]
    shares = dice.beta(bad, other, subjects)
    planted: tuple[Planted, ...] = ()
    if kind and events:
        length = timedelta(days=shape(kind).days)
        planted = tuple(plant(subjects, days, events, dice, length, kind))
    market = _market(days, dice)
    parts = [
        _subject(index, rates[index], shares[index], days, planted, market, dice)
        for index in range(subjects)
    ]
    owner = np.repeat(np.arange(subjects), [len(part[0]) for part in parts])
    hours, negative, stories = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(hours, kind="stable")
    columns = (hours[order], owner[order], negative[order])
    return Stream(subjects, days, *columns, planted, stories[order])


def _market(
    days: int, dice: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return, for each hour, the factors that all companies share, of the rate and of the odds."""
    found = fit()
    memory = min(max(found["market_memory"], 0.0), 0.95)
    moves = []
    for spread in (found["market_volume_spread"], found["market_odds_spread"]):
        steps = spread * np.sqrt(1.0 - memory * memory) * dice.standard_normal(days)
        level, levels = 0.0, []
        for step in steps.tolist():
            level = memory * level + step
            levels.append(level)
        moves.append(np.repeat(np.exp(levels), 24))
    return moves[0], moves[1]


def _subject(  # noqa: PLR0913, PLR0917 - what a stream is made of
    index: int,
    rate: float,
    share: float,
    days: int,
    planted: Sequence[Planted],
    market: tuple[NDArray[np.float64], NDArray[np.float64]],
    dice: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return hours, negative probabilities and stories of one subject's headlines."""
    found, hour = fit(), np.arange(24 * days, dtype=np.int64)
    form = found["day_shape"]
    volume = np.array(found["week"])[hour % WEEK] * market[0]
    volume = volume * np.repeat(dice.gamma(form, 1.0 / form, days), 24)
    odds = share / (1.0 - share) * market[1]
    for event in planted:
        if event.subject == name(index) and event.kind:
            effect, since = EFFECTS[event.effect], (event.begin - BEGIN) / HOUR
            excess = shape(event.kind).excess((hour - since).astype(np.float64) / 24.0)
            volume = volume * (1.0 + (effect.volume - 1.0) * excess)
            odds = odds * (1.0 + (effect.odds - 1.0) * excess)
    bins = np.repeat(hour, dice.poisson(rate / 24.0 * volume))
    hours = bins + dice.random(len(bins))
    is_bad = dice.random(len(bins)) < (odds / (1.0 + odds))[bins]
    negative = np.where(is_bad, _read_as("bad", is_bad, dice), _read_as("other", is_bad, dice))
    stories = dice.integers(1, 1 << 62, len(bins))
    return _with_copies(hours, negative, stories, 24.0 * days, dice)


def _read_as(
    news: Literal["bad", "other"], like: NDArray[np.bool_], dice: np.random.Generator
) -> NDArray[np.float64]:
    """Return what the model says of so many headlines."""
    quantiles = np.array(fit()[f"{news}_read_as"])
    steps = np.linspace(0.0, 1.0, len(quantiles))
    read: NDArray[np.float64] = np.interp(dice.random(len(like)), steps, quantiles)
    return read


def _with_copies(
    hours: NDArray[np.float64],
    negative: NDArray[np.float64],
    stories: NDArray[np.int64],
    end: float,
    dice: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return headlines and copies of them; each copy is read as its story is."""
    found = fit()
    copies = dice.geometric(1.0 / (1.0 + found["copies"]), len(hours)) - 1
    source = np.repeat(np.arange(len(hours)), copies)
    late = hours[source] + dice.exponential(found["copy_hours"], len(source))
    source, late = source[late < end], late[late < end]
    chosen = np.concatenate([np.arange(len(hours)), source])
    return np.concatenate([hours, late]), negative[chosen], stories[chosen]
