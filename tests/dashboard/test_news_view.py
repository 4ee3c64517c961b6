"""The view: what it remembers of the topics, and what it forgets."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count

from agents.detecting.detector_state import DetectorState
from dashboard.view.alerts import MAX_ALERTS, Alerts
from dashboard.view.articles import MAX_ARTICLES, Articles
from dashboard.view.flow import RATE_SECONDS, Flow
from dashboard.view.news_view import NewsView
from dashboard.view.subjects import MAX_BINS, MAX_SUBJECTS, Subjects, SubjectView
from detection.rule import Rule
from detection.trace import TracePoint
from schemas.alert import MARKET, Alert
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from streams.core.record import Stored

Topics = Mapping[str, list[Stored]]
ACME = "company:ACME"


def signal(published: datetime, negative: float = 0.9, **fields: object) -> Stored:
    """Return a record with a signal about ACME."""
    values = {
        "subject": ACME,
        "key": "k",
        "published": published,
        "negative": negative,
        "neutral": 1 - negative,
        "positive": 0.0,
        "headline": "Acme fails",
        "source": "wire",
        "model": "lexicon",
        "lineage": "0.0",
    }
    value = Signal.model_validate(values | fields).to_bytes()
    millis = round(published.timestamp() * 1000)
    return Stored("news.signals", 0, 0, millis, b"", value, [])


def test_traces_are_those_of_the_detector(view: NewsView, topics: Topics) -> None:
    """A person would see evidence that no alert was decided by."""
    points: list[TracePoint] = []
    detector = DetectorState(Rule(), 4, (), points.append)
    for record in topics["news.signals"]:
        detector.offer(Signal.from_bytes(record.value), record.timestamp / 1000, record.offset)
    expected = [(p.at.timestamp(), p.volume) for p in points if p.subject == ACME]
    shown = [(row.time, row.volume) for row in view.subjects[ACME].rows()]
    assert shown == expected
    assert len(shown) > 100
    crossed = [row for row in view.subjects[ACME].rows() if row.evidence >= row.threshold]
    (fired, *_) = [story.first for story in view.alerts if story.last.subject == ACME]
    # It fired within the bin, with the story that decided.
    assert 0.0 <= crossed[0].time - fired.detected_at.timestamp() < Rule().bin.total_seconds()
    assert 0.0 < fired.evidence <= crossed[0].evidence + 1e-6


def test_an_old_log_is_not_taken_for_silence(view: NewsView, topics: Topics) -> None:
    """A dashboard that starts later would show other evidence than that of the alerts."""
    signals = topics["news.signals"]
    later = NewsView(Rule(), 4)
    wall = signals[-1].timestamp + 3_600_000
    for number, record in enumerate(signals):
        later.take("news.signals", record)
        if number % 50 == 0:
            later.end_silence(wall + number * 1000)
            later.wait(wall + number * 1000 + 1)
    assert list(later.subjects[ACME].rows()) == list(view.subjects[ACME].rows())


def test_silence_lets_time_pass(view: NewsView) -> None:
    """An hour would never end while nothing comes, and its evidence not be seen."""
    wall = 1_000_000
    view.end_silence(wall)
    number = view.subjects[ACME].needle.closed
    view.take("news.signals", signal(datetime.fromtimestamp(view.latest + 3600, UTC)))
    for step in range(1, 120):
        view.wait(wall + step * 60_000)
    assert view.subjects[ACME].needle.closed > number


def test_a_needle_moves_before_its_bin_closes(view: NewsView) -> None:
    """The needles would stand still for an hour, whatever comes."""
    now = datetime.fromtimestamp(view.latest, UTC) + timedelta(hours=1)
    number = view.bin_at(now.timestamp())
    before = view.subjects[ACME].needle.deflection(number)
    view.take("news.signals", signal(now))
    after = view.subjects[ACME].needle.deflection(number)
    assert after > before + 0.5
    view.take("news.signals", signal(now, story=7))
    view.take("news.signals", signal(now, story=7))
    once = view.subjects[ACME].needle.deflection(number)
    view.take("news.signals", signal(now, story=7))
    assert view.subjects[ACME].needle.deflection(number) == once, "a story counts once"
    much_later = number + 400
    assert view.subjects[ACME].needle.deflection(much_later) < 0


def test_a_surge_deflects_the_needle_and_calm_brings_it_back(view: NewsView) -> None:
    """The list of subjects would not be in the order of how far they are from their usual."""
    rows = list(view.subjects[ACME].rows())
    highest = max(rows, key=lambda row: row.deflection)
    assert highest.deflection > 3
    assert abs(rows[-1].deflection) < 1
    assert MARKET in view.subjects


def test_alerts_have_their_life_and_each_change_once(view: NewsView, topics: Topics) -> None:
    """An alert that the broker delivers twice would have fired twice."""
    (story,) = [story for story in view.alerts if story.last.subject == ACME]
    statuses = [change.alert.status for change in story.changes]
    assert (statuses[0], statuses[-1], story.is_open) == ("firing", "resolved", False)
    for record in topics["alerts"]:
        view.take("alerts", record)
    assert [change.alert.status for change in story.changes] == statuses
    assert story in view.alerts.fed_by(story.first.headlines[0].key)
    assert view.alerts.of_subject("company:EMCA") == []


def test_alerts_are_in_the_order_in_which_they_fired(topics: Topics) -> None:
    """The list would be another after each start: partitions are read in any order."""
    firing, alerts = Alert.from_bytes(topics["alerts"][0].value), Alerts()
    for hours in (2, 1, 3, 3):
        fired = firing.detected_at + timedelta(hours=hours)
        update = {"id": f"{hours} {len(alerts)}", "detected_at": fired}
        alerts.add(firing.model_copy(update=update), 0)
    assert [story.last.id for story in alerts] == ["3 2", "3 3", "2 0", "1 1"]


def test_articles_are_found_by_key_subject_and_words(view: NewsView) -> None:
    """A search would not find what was just read."""
    matches = view.articles.search("BANKRUPTCY acme", 100)
    assert len(matches) == 40
    newest = matches[0].records()[0].article
    assert view.articles.get(newest.key) is matches[0]
    assert view.articles.of_subject(ACME, 3)[2].published > 0
    assert view.articles.search("bankruptcy emca", 100) == []
    assert matches[0].scored >= matches[0].sent


def test_dead_letters_are_counted_by_reason(view: NewsView) -> None:
    """An operator would not see why records are set aside."""
    assert view.flow.reasons == {("ingest", "undecodable"): 1}
    assert view.flow.letters[0].origin.startswith("news.raw/0@")


def test_what_cannot_be_read_is_counted_and_passed(view: NewsView) -> None:
    """One record of another program would end the dashboard."""
    for topic in ("alerts", "news.scored", "news.signals"):
        view.take(topic, Stored(topic, 0, 0, 0, None, b"{broken", []))
        view.take(topic, Stored(topic, 0, 0, 0, None, None, []))
    assert view.unreadable == 6


def test_changes_are_told_once(view: NewsView) -> None:
    """The stream would tell everything again and again."""
    changes = view.take_changes()
    assert {ACME, MARKET} <= changes.subjects.keys()
    assert len(changes.alerts) == len(view.alerts)
    again = view.take_changes()
    assert (again.subjects, again.alerts) == ({}, {})


def test_the_present_is_the_clock_while_news_is_fresh_and_the_news_otherwise(
    view: NewsView,
) -> None:
    """Needles of an archive would have sunk for years, and those of quiet nights would not sink."""
    assert view.now(view.latest + 3600) == view.latest + 3600
    assert view.now(view.latest + 10 * 86_400) == view.latest
    assert view.now(view.latest - 3600) == view.latest
    assert NewsView(Rule(), 1).now(5.0) == 5.0


def test_memory_is_bounded(topics: Topics) -> None:
    """The dashboard would grow until the machine kills it."""
    subjects = Subjects()
    for number in range(MAX_SUBJECTS + 5):
        subjects.touch(f"company:{number}")
    assert len(list(subjects)) == MAX_SUBJECTS
    assert "company:4" not in subjects

    subject, start = SubjectView(), datetime(2024, 1, 1, tzinfo=UTC)
    for number in range(MAX_BINS * 2):
        at = start + timedelta(hours=number)
        subject.add(TracePoint(ACME, at, 1.0, 1.0, 0.5, 0.5, 0.0, 9.0), number)
    rows = list(subject.rows())
    assert MAX_BINS <= len(rows) <= MAX_BINS * 5 // 4
    assert rows[-1].time == (start + timedelta(hours=MAX_BINS * 2 - 1)).timestamp()

    scored = ScoredArticle.from_bytes(topics["news.scored"][0].value)
    articles, keys = Articles(), count()
    for _ in range(MAX_ARTICLES + 3):
        article = scored.article.model_copy(update={"key": str(next(keys))})
        articles.add(scored.model_copy(update={"article": article}), b"", 0, 0, "")
    assert len(articles) == MAX_ARTICLES
    assert articles.get("2") is None
    assert articles.get("3") is not None

    alerts = Alerts()
    firing = Alert.from_bytes(topics["alerts"][0].value)
    for number in range(MAX_ALERTS + 2):
        alerts.add(firing.model_copy(update={"id": str(number)}), 0)
        if number == 1:
            resolved = firing.model_copy(update={"id": "1", "status": "resolved"})
            alerts.add(resolved, 0)
    assert len(alerts) == MAX_ALERTS
    assert alerts.get("1") is None, "a resolved one is forgotten before open ones"

    flow = Flow()
    for second in range(1000):
        flow.count("alerts", second * 1000)
    assert sum(flow.rates("alerts", 1000)) == RATE_SECONDS


def test_rates_and_delays_are_of_the_last_minutes() -> None:
    """What was read from an old log would look like news of now."""
    flow = Flow()
    for _ in range(30):
        flow.count("alerts", 100_500)
    assert flow.rates("alerts", 101)[-1] == 30
    assert sum(flow.rates("alerts", 10_000)) == 0
    flow.add_delay("score", 100_000, 100_040)
    flow.add_delay("score", 100_000, 100_060)
    delay = flow.delay("score", 101)
    assert delay is not None
    assert 40 <= delay.median <= 60
    assert flow.delay("score", 10_000) is None
