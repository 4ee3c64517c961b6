"""What a move of everybody looks like, next to one of a few."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from detection.population import Population
from detection.rule import Rule
from schemas.alert import MARKET, Alert
from schemas.signal import Signal

BEGIN = datetime(2001, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
COMPANIES = [f"company:C{number:02}" for number in range(40)]
STORM = range(60, 62)
"""Days in which news is four times as frequent, and mostly bad."""


def raised(
    moved: Sequence[str],
    among: Sequence[str] = COMPANIES,
    rule: Rule = Rule(),  # noqa: B008 - immutable
    waking: range = range(24),
) -> list[Alert]:
    """What fires in the two days in which the ``moved`` have much bad news, or on the day after.

    News of those ``among`` whom they are comes in the ``waking`` hours.
    """
    dice, rows = Random(5), []
    for day in range(64):
        for name in among:
            stormy = day in STORM and name in moved
            count = dice.randrange(3, 7) * (4 if stormy else 1)
            dark = 0.6 if stormy else 0.1
            rows.extend(
                (day + _hour(dice, waking), name, dark + 0.4 * dice.random()) for _ in range(count)
            )
    population, found = Population(rule), []
    for key, (day, name, negative) in enumerate(sorted(rows)):
        found += population.count(_news(name, key, day, negative, dice))
    found += population.advance(BEGIN + 64 * DAY)
    return [it for it in found if it.status == "firing" and it.detected_at > BEGIN + STORM[0] * DAY]


def _hour(dice: Random, waking: range) -> float:
    return dice.uniform(waking.start, waking.stop) / 24.0


def _news(name: str, key: int, day: float, negative: float, dice: Random) -> Signal:
    return Signal(
        subject=name,
        key=f"k{key:06}",
        published=BEGIN + day * DAY,
        negative=negative,
        neutral=1.0 - negative,
        positive=0.0,
        headline=f"{name} {key}",
        source="wire",
        model="m",
        story=dice.getrandbits(64) | 1,
    )


def test_one_bad_day_everywhere_is_one_alert_that_names_its_members() -> None:
    """A crash would page somebody forty times, and nobody would see that it is one thing."""
    alerts = raised(COMPANIES)
    assert [it.subject for it in alerts].count(MARKET) == 1
    market = next(it for it in alerts if it.subject == MARKET)
    assert len(market.members) >= 10
    assert set(market.members) <= set(COMPANIES)
    assert len(alerts) <= len(COMPANIES) // 2
    assert (market.model, market.sources, len(market.headlines)) == ("m", 1, 5)


def test_bad_news_of_two_is_not_the_market() -> None:
    """Every scandal of a much-watched company would be told twice."""
    assert {it.subject for it in raised(COMPANIES[:2])} == set(COMPANIES[:2])


def test_bad_news_of_two_that_are_silenced_is_not_the_market_either() -> None:
    """To silence a scandal would turn it into a crash in which nobody takes part."""
    eight, two = COMPANIES[:8], COMPANIES[:2]
    assert {it.subject for it in raised(two, eight, waking=range(8, 17))} == set(two)
    assert raised(two, eight, Rule(silenced=tuple(two)), range(8, 17)) == []
