"""The alerts of a worker with default settings on the demo's feed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest
from scipy.stats import poisson

from agents.scoring.article_messages import signal
from agents.scoring.subjects import Subject
from demo.feed.generate import Feed, generate
from demo.run import ARTICLES
from detection.population import Population
from detection.rule import MONTH, Rule
from detection.stories.simhash import fingerprint
from nlp.load import load
from nlp.settings import ModelSettings
from nlp.tasks import carried_topics
from schemas.alert import Alert
from schemas.incoming.decode import decode
from schemas.signal import Signal


def signals(feed: Feed) -> Iterator[Signal]:
    """Cut the articles into signals as the shipped model scores them, in event-time order."""
    articles = [decode(sent.value, sent.headers) for sent in feed.sent if sent.kind == "article"]
    texts = [f"{article.headline}. {article.summary or ''}" for article in articles]
    for article, scores in zip(articles, load(ModelSettings()).classify(texts), strict=True):
        topics = [f"topic:{topic}" for topic in carried_topics(scores)]
        story = fingerprint(article.headline)
        for name in [f"company:{ticker}" for ticker in article.companies] + topics:
            yield signal(article, scores, Subject(name, 1.0), "shipped", "", story)


@pytest.mark.model
def test_the_default_detector_finds_the_planted_surges_and_keeps_its_promise() -> None:
    """The demo would promise three alerts and show fewer, or cry wolf more often than is said."""
    feed, population = generate(articles=ARTICLES), Population(Rule())
    news = list(signals(feed))
    alerts = [alert for item in news for alert in population.count(item)]
    alerts += population.advance(news[-1].published + 2 * Rule().bin)
    firing = [alert for alert in alerts if alert.status == "firing"]
    assert len(feed.surges) == 3
    found: list[Alert] = []
    for surge in feed.surges:
        (alert,) = [
            alert
            for alert in firing
            if alert.subject == surge.subject
            and surge.start < alert.detected_at <= surge.end + Rule().bin
        ]
        found.append(alert)
    planted, subjects = {surge.subject for surge in feed.surges}, subjects_by_article(news)
    others = [alert for alert in firing if alert not in found]
    false = [
        alert.subject
        for alert in others
        if alert.subject in planted or not is_echo(alert, planted, subjects)
    ]
    assert len(false) <= max_false_alarms(news), false


def max_false_alarms(news: list[Signal]) -> float:
    """Return the 95 % quantile of the false alarms that the detector's promise allows."""
    subjects = {item.subject for item in news}
    months = (news[-1].published - news[0].published) / MONTH * len(subjects)
    return float(poisson.ppf(0.95, Rule().false_alarms_per_subject_month * months))


def subjects_by_article(news: list[Signal]) -> Mapping[str, set[str]]:
    """Return the subjects of each article."""
    subjects: dict[str, set[str]] = defaultdict(set)
    for item in news:
        subjects[item.key].add(item.subject)
    return subjects


def is_echo(alert: Alert, planted: set[str], subjects: Mapping[str, set[str]]) -> bool:
    """Return whether most headlines of an alert are news of a planted surge."""
    is_planted = [bool(planted & subjects[headline.key]) for headline in alert.headlines]
    return sum(is_planted) > len(is_planted) / 2
