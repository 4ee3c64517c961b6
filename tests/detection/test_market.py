"""A move of the whole market, and a move of a few subjects."""

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
"""Days on which news is four times as frequent and mostly bad."""


def raised(
    moved: Sequence[str],
    among: Sequence[str] = COMPANIES,
    rule: Rule = Rule(),  # noqa: B008 - immutable
    waking: range = range(24),
) -> list[Alert]:
    """Return the alerts that fire during `STORM` or on the day after.

    Args:
        moved: companies that have the bad news.
        among: all companies.
        rule: the detector's rule.
        waking: hours of the day in which news comes.
    """
    dice = Random(5)
    rows: list[tuple[float, str, float]] = []
    for day in range(64):
        for name in among:
            stormy = day in STORM and name in moved
            count = dice.randrange(3, 7) * (4 if stormy else 1)
            dark = 0.6 if stormy else 0.1
            rows.extend(
                (
                    day + dice.uniform(waking.start, waking.stop) / 24.0,
                    name,
                    dark + 0.4 * dice.random(),
                )
                for _ in range(count)
            )
    population = Population(rule)
    alerts: list[Alert] = []
    for key, (time, name, negative) in enumerate(sorted(rows)):
        alerts += population.count(_news(name, key, time, negative, dice))
    alerts += population.advance(BEGIN + 64 * DAY)
    begin = BEGIN + STORM[0] * DAY
    return [alert for alert in alerts if alert.status == "firing" and alert.detected_at > begin]


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
    """A crash would raise forty alerts, and nobody would see that they are one event."""
    alerts = raised(COMPANIES)
    assert [alert.subject for alert in alerts].count(MARKET) == 1
    market = next(alert for alert in alerts if alert.subject == MARKET)
    assert len(market.members) >= 10
    assert set(market.members) <= set(COMPANIES)
    assert len(alerts) <= len(COMPANIES) // 2
    assert (market.model, market.sources, len(market.headlines)) == ("m", 1, 5)


def test_bad_news_of_two_is_not_the_market() -> None:
    """Every scandal of a company that is much in the news would raise two alerts."""
    assert {alert.subject for alert in raised(COMPANIES[:2])} == set(COMPANIES[:2])


def test_bad_news_of_two_that_are_silenced_is_not_the_market_either() -> None:
    """Silencing a scandal would turn it into a crash without members."""
    eight, two = COMPANIES[:8], COMPANIES[:2]
    assert {alert.subject for alert in raised(two, eight, waking=range(8, 17))} == set(two)
    assert raised(two, eight, Rule(silenced=tuple(two)), range(8, 17)) == []
