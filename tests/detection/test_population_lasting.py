"""What lasts, stops or changes under a running detector."""

from datetime import UTC, datetime, timedelta
from random import Random

from detection.population import Population
from detection.rule import Rule
from schemas.alert import Alert
from schemas.signal import Signal

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def news(subject: str, key: int, at: datetime, negative: float = 0.3, story: int = 0) -> Signal:
    """One headline, of a story of its own unless it is given."""
    return Signal(
        subject=subject,
        key=f"k{key:06}",
        published=at,
        negative=negative,
        neutral=1.0 - negative,
        positive=0.0,
        headline=f"Headline {key}",
        source="wire",
        model="m",
        story=story or Random(key).getrandbits(64) | 1,
    )


def weeks(hours: int, begin: datetime = BEGIN) -> list[Signal]:
    """Ordinary news of four subjects, in order of time."""
    dice = Random(5)
    at = sorted(dice.uniform(0.0, hours) for _ in range(hours))
    return [news(f"company:{dice.choice('ABCD')}", n, begin + it * HOUR) for n, it in enumerate(at)]


def alerts(population: Population, signals: list[Signal]) -> list[Alert]:
    """All that they raise, in order of time."""
    ordered = sorted(signals, key=lambda it: (it.published, it.key))
    return [alert for signal in ordered for alert in population.count(signal)]


def test_a_surge_that_lasts_becomes_the_usual() -> None:
    """A subject that is in the news for good would fire for months."""
    usual = weeks(2_000)
    more = [news("company:A", 10_000 + n, BEGIN + (900 + n / 3) * HOUR, 0.6) for n in range(3_300)]
    found = [it for it in alerts(Population(Rule()), usual + more) if it.subject == "company:A"]
    assert [it.status for it in found if it.status != "escalated"] == ["firing", "resolved"]
    assert found[-1].detected_at - found[0].detected_at < timedelta(days=9)


def test_what_became_usual_of_one_is_no_move_of_the_market() -> None:
    """A week after a company came into the news, all would be told of a market that fell."""
    dice = Random(1)
    at = sorted(dice.uniform(0.0, 1_600.0) for _ in range(4_800))
    usual = [news(f"company:{n % 10}", n, BEGIN + it * HOUR) for n, it in enumerate(at)]
    more = [
        news("company:A", 10_000 + n, BEGIN + (960 + n / 6) * HOUR, dice.betavariate(6, 4))
        for n in range(3_600)
    ]
    found = alerts(Population(Rule()), usual + more)
    assert [it.status for it in found if it.subject == "company:A"]
    assert not [it for it in found if it.subject == "market:all"]


def test_resumed_in_an_outage_equals_never_stopped() -> None:
    """A worker that starts again would take news that the one before it had called late."""
    end = BEGIN + timedelta(days=550)
    stopped, whole = Population(Rule()), Population(Rule())
    for population in (stopped, whole):
        alerts(population, weeks(800))
        population.advance(BEGIN + timedelta(days=500))
    entries = dict(stopped.changes())
    for population in (stopped, whole):
        population.advance(BEGIN + timedelta(days=600))
    entries |= dict(stopped.changes())
    resumed = Population.rebuilt(
        Rule(), [(name, value) for name, value in entries.items() if value]
    )
    assert resumed.count(news("company:A", 1, end)) == whole.count(news("company:A", 1, end))
    assert resumed.late == whole.late == 1


def test_a_daily_batch_does_not_fire_for_weeks() -> None:
    """Twenty headlines stamped alike, day by day, would be a surge that never ends."""
    batches = [
        news("company:A", 10_000 + 20 * day + n, BEGIN + (720 + 24 * day) * HOUR, 0.6)
        for day in range(40)
        for n in range(20)
    ]
    found = [
        it for it in alerts(Population(Rule()), weeks(1_700) + batches) if it.subject == "company:A"
    ]
    fired = [it.detected_at for it in found if it.status == "firing"]
    ended = [it.detected_at for it in found if it.status == "resolved"]
    assert len(fired) == len(ended) == 1
    assert ended[0] - fired[0] < timedelta(days=10)


def test_a_feed_that_stops_for_decades_begins_again() -> None:
    """One row dated 1970 would take minutes, and end the warm-up of the rows that follow."""
    stray = news("company:A", 1, datetime(1970, 1, 1, tzinfo=UTC))
    with_it, without = Population(Rule()), Population(Rule())
    burst = [news("company:A", 50_000 + n, BEGIN + n / 10 * HOUR, 0.9) for n in range(100)]
    assert alerts(with_it, [stray, *burst]) == alerts(without, burst) == []
    closed = with_it.advance(datetime(2099, 1, 1, tzinfo=UTC))
    assert closed == without.advance(datetime(2099, 1, 1, tzinfo=UTC))


def test_an_alert_ends_under_the_id_that_it_began_with() -> None:
    """Who changes the rule while an alert fires would wait for its end for ever."""
    surge = [news("company:A", 9_000 + n, BEGIN + (1_500 + n / 10) * HOUR, 0.9) for n in range(100)]
    first = Population(Rule(false_alarms_per_subject_month=1.0))
    begun = alerts(first, weeks(1_505) + surge[:50])
    stricter = Rule(false_alarms_per_subject_month=0.01, keep_firing_for=timedelta(hours=1))
    entries = [(name, value) for name, value in first.changes() if value]
    second = Population.rebuilt(stricter, entries)
    ended = second.advance(BEGIN + 2_000 * HOUR)
    (end,) = [it for it in ended if it.status == "resolved"]
    (start,) = [it for it in begun if it.status == "firing" and it.id == end.id]
    assert (end.subject, end.rule) == (start.subject, start.rule) == ("company:A", start.rule)
    assert start.rule != stricter.version


def test_an_alert_shows_each_story_once() -> None:
    """Five wires of one headline would leave no room for the others."""
    same = 0b1011 << 40
    wires = [
        news("company:A", 9_000 + n, BEGIN + (1_500 + n / 10) * HOUR, 0.95, same ^ 1 << n)
        for n in range(6)
    ]
    others = [
        news("company:A", 9_100 + n, BEGIN + (1_500.05 + n / 10) * HOUR, 0.8) for n in range(30)
    ]
    found = alerts(Population(Rule()), weeks(1_600) + wires + others)
    fired = next(it for it in found if it.subject == "company:A" and it.status == "firing")
    keys = [headline.key for headline in fired.headlines]
    assert len(keys) == 5
    assert len([key for key in keys if "k009000" <= key <= "k009005"]) == 1


def test_news_at_the_edges_of_time_can_be_told() -> None:
    """The detector would end with an error where an alert lasts beyond the last of all times."""
    rule = Rule(bin=timedelta(days=7), false_alarms_per_subject_month=30.0)
    begin = datetime(2098, 1, 1, tzinfo=UTC)
    calm = [news(f"company:{n % 4}", n, begin + n * 12 * HOUR) for n in range(2_000)]
    storm = [
        news("company:1", 5_000 + n, begin + (24_000 + n / 10) * HOUR, 0.9) for n in range(300)
    ]
    population = Population(rule)
    found = alerts(population, calm + storm)
    found += population.advance(datetime(2110, 1, 1, tzinfo=UTC))
    fired = [it.id for it in found if it.status == "firing"]
    assert fired
    assert sorted(fired) == sorted(it.id for it in found if it.status == "resolved")
