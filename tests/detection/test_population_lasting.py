"""Surges that last, feeds that stop, and rules that change under a running detector."""

from datetime import UTC, datetime, timedelta
from random import Random
from statistics import mean

from detection.population import Population
from detection.rule import Rule
from detection.trace import TracePoint
from schemas.alert import Alert
from schemas.signal import Signal
from tests.detection.conftest import HOUR, START, news


def weeks(hours: int, begin: datetime = START) -> list[Signal]:
    """Return ordinary news of four subjects, in order of time."""
    dice = Random(5)
    times = sorted(dice.uniform(0.0, hours) for _ in range(hours))
    return [
        news(f"company:{dice.choice('ABCD')}", n, begin + time * HOUR)
        for n, time in enumerate(times)
    ]


def alerts(population: Population, signals: list[Signal]) -> list[Alert]:
    """Return the alerts that the signals raise, taken in order of time."""
    ordered = sorted(signals, key=lambda signal: (signal.published, signal.key))
    return [alert for signal in ordered for alert in population.count(signal)]


def test_a_surge_that_lasts_becomes_the_baseline() -> None:
    """A subject that stays in the news for good would fire for months."""
    surge = [news("company:A", 10_000 + n, START + (900 + n / 3) * HOUR, 0.6) for n in range(3_300)]
    raised = [
        alert
        for alert in alerts(Population(Rule()), weeks(2_000) + surge)
        if alert.subject == "company:A"
    ]
    statuses = [alert.status for alert in raised]
    assert (statuses[0], statuses[-1]) == ("firing", "resolved")
    assert set(statuses[1:-1]) <= {"escalated", "updated"}
    assert raised[-1].detected_at - raised[0].detected_at < timedelta(days=9)


def after_a_long_crisis() -> list[Signal]:
    """Return ordinary news of ten companies, of which one has a crisis of nine days meanwhile."""
    dice = Random(2)
    times = sorted(dice.uniform(0.0, 2_200.0) for _ in range(4_400))
    ordinary = [news(f"company:{n % 10}", n, START + time * HOUR) for n, time in enumerate(times)]
    crisis = [
        news("company:0", 10_000 + n, START + (960 + n / 5) * HOUR, 0.7) for n in range(5 * 216)
    ]
    return ordinary + crisis


def test_a_crisis_a_month_after_a_long_one_alerts() -> None:
    """A bank that was in the news for nine days would fall unnoticed a month later."""
    again = [news("company:0", 20_000 + n, START + (1_900 + n / 2) * HOUR, 0.7) for n in range(60)]
    raised = [
        alert.detected_at
        for alert in alerts(Population(Rule()), after_a_long_crisis() + again)
        if alert.subject == "company:0" and alert.status == "firing"
    ]
    assert any(time > START + 1_900 * HOUR for time in raised)


def test_a_crisis_that_is_over_is_not_expected_of_the_market() -> None:
    """The fall of all banks, a month after the first one, would be less than is expected."""
    expected: dict[bool, list[float]] = {False: [], True: []}

    def trace(point: TracePoint) -> None:
        hours = (point.at - START) / HOUR
        if point.subject == "market:all" and (700 < hours <= 868 or 1_900 < hours <= 2_068):
            expected[hours > 1_900].append(point.expected_volume)

    alerts(Population(Rule(), trace), after_a_long_crisis())
    before, after = (mean(expected[is_after]) for is_after in (False, True))
    assert after < 1.2 * before


def test_a_new_baseline_of_one_subject_is_no_move_of_the_market() -> None:
    """A week after a company came into the news, a false alert would say that the market fell."""
    dice = Random(1)
    times = sorted(dice.uniform(0.0, 1_600.0) for _ in range(4_800))
    ordinary = [news(f"company:{n % 10}", n, START + time * HOUR) for n, time in enumerate(times)]
    surge = [
        news("company:A", 10_000 + n, START + (960 + n / 6) * HOUR, dice.betavariate(6, 4))
        for n in range(3_600)
    ]
    raised = alerts(Population(Rule()), ordinary + surge)
    assert [alert.status for alert in raised if alert.subject == "company:A"]
    assert not [alert for alert in raised if alert.subject == "market:all"]


def test_resumed_in_an_outage_equals_never_stopped() -> None:
    """A restarted worker would count news that the worker before it had called late."""
    end = START + timedelta(days=550)
    stopped, uninterrupted = Population(Rule()), Population(Rule())
    for population in (stopped, uninterrupted):
        alerts(population, weeks(800))
        population.advance(START + timedelta(days=500))
    entries = dict(stopped.changes())
    for population in (stopped, uninterrupted):
        population.advance(START + timedelta(days=600))
    entries |= dict(stopped.changes())
    resumed = Population.rebuilt(
        Rule(), [(name, value) for name, value in entries.items() if value]
    )
    late_news = news("company:A", 1, end)
    assert resumed.count(late_news) == uninterrupted.count(late_news)
    assert resumed.late == uninterrupted.late == 1


def test_a_daily_batch_does_not_fire_for_weeks() -> None:
    """Twenty headlines with the same time, every day, would be a surge that never ends."""
    batches = [
        news("company:A", 10_000 + 20 * day + n, START + (720 + 24 * day) * HOUR, 0.6)
        for day in range(40)
        for n in range(20)
    ]
    raised = [
        alert
        for alert in alerts(Population(Rule()), weeks(1_700) + batches)
        if alert.subject == "company:A"
    ]
    fired = [alert.detected_at for alert in raised if alert.status == "firing"]
    ended = [alert.detected_at for alert in raised if alert.status == "resolved"]
    assert len(fired) == len(ended) == 1
    assert ended[0] - fired[0] < timedelta(days=10)


def test_a_feed_that_stops_for_decades_begins_again() -> None:
    """One row dated 1970 would cost minutes, and end the warm-up before the other rows come."""
    stray = news("company:A", 1, datetime(1970, 1, 1, tzinfo=UTC))
    with_stray, without_stray = Population(Rule()), Population(Rule())
    burst = [news("company:A", 50_000 + n, START + n / 10 * HOUR, 0.9) for n in range(100)]
    assert alerts(with_stray, [stray, *burst]) == alerts(without_stray, burst) == []
    closed = with_stray.advance(datetime(2099, 1, 1, tzinfo=UTC))
    assert closed == without_stray.advance(datetime(2099, 1, 1, tzinfo=UTC))


def test_an_alert_ends_under_the_id_that_it_began_with() -> None:
    """After a change of the rule, the end of an alert that fires would never come."""
    surge = [news("company:A", 9_000 + n, START + (1_500 + n / 10) * HOUR, 0.9) for n in range(100)]
    first = Population(Rule(false_alarms_per_subject_month=1.0))
    before = alerts(first, weeks(1_505) + surge[:50])
    stricter = Rule(false_alarms_per_subject_month=0.01, keep_firing_for=timedelta(hours=1))
    entries = [(name, value) for name, value in first.changes() if value]
    second = Population.rebuilt(stricter, entries)
    ended = second.advance(START + 2_000 * HOUR)
    (end,) = [alert for alert in ended if alert.status == "resolved"]
    (start,) = [alert for alert in before if alert.status == "firing" and alert.id == end.id]
    assert (end.subject, end.rule) == (start.subject, start.rule) == ("company:A", start.rule)
    assert start.rule != stricter.version


def test_an_alert_shows_each_story_once() -> None:
    """Five copies of one headline would leave no room for the others."""
    same = 0b1011 << 40
    wires = [
        news("company:A", 9_000 + n, START + (1_500 + n / 10) * HOUR, 0.95, same ^ 1 << n)
        for n in range(6)
    ]
    others = [
        news("company:A", 9_100 + n, START + (1_500.05 + n / 10) * HOUR, 0.8) for n in range(30)
    ]
    raised = alerts(Population(Rule()), weeks(1_600) + wires + others)
    worst = [
        alert for alert in raised if alert.subject == "company:A" and alert.status == "escalated"
    ][-1]
    keys = [headline.key for headline in worst.headlines]
    assert len(keys) == 5
    assert len([key for key in keys if "k009000" <= key <= "k009005"]) == 1


def test_news_at_the_edges_of_time_can_alert() -> None:
    """The detector would fail if an alert lasted beyond the latest time that is supported."""
    rule = Rule(bin=timedelta(days=7), false_alarms_per_subject_month=30.0)
    begin = datetime(2098, 1, 1, tzinfo=UTC)
    calm = [news(f"company:{n % 4}", n, begin + n * 12 * HOUR) for n in range(2_000)]
    storm = [
        news("company:1", 5_000 + n, begin + (24_000 + n / 10) * HOUR, 0.9) for n in range(300)
    ]
    population = Population(rule)
    raised = alerts(population, calm + storm)
    raised += population.advance(datetime(2110, 1, 1, tzinfo=UTC))
    fired = [alert.id for alert in raised if alert.status == "firing"]
    assert fired
    assert sorted(fired) == sorted(alert.id for alert in raised if alert.status == "resolved")
