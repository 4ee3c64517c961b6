"""The demo's feed as a worker with its defaults hears it: what alerts, and what does not."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest
from scipy.stats import poisson

from agents.score import signal
from agents.scoring.subjects import Subject
from demo.feed.generate import Feed, generate
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
    articles = [decode(it.value, it.headers) for it in feed.sent if it.kind == "article"]
    texts = [f"{article.headline}. {article.summary or ''}" for article in articles]
    for article, scores in zip(articles, load(ModelSettings()).classify(texts), strict=True):
        topics = [f"topic:{topic}" for topic in carried_topics(scores)]
        story = fingerprint(article.headline)
        for name in [f"company:{ticker}" for ticker in article.companies] + topics:
            yield signal(article, scores, Subject(name, 1.0), "shipped", "", story)


@pytest.mark.model
def test_the_default_detector_finds_the_planted_surges_and_keeps_its_promise() -> None:
    """The demo would promise three alerts and show fewer, or cry wolf more often than is said."""
    feed, population = generate(), Population(Rule())
    found = list(signals(feed))
    alerts = [alert for it in found for alert in population.count(it)]
    alerts += population.advance(found[-1].published + 2 * Rule().bin)
    firing = [alert for alert in alerts if alert.status == "firing"]
    assert len(feed.surges) == 3
    for surge in feed.surges:
        (alert,) = [it for it in firing if it.subject == surge.subject]
        assert surge.start < alert.detected_at <= surge.end + Rule().bin
    planted, subjects = {surge.subject for surge in feed.surges}, by_article(found)
    others = [it for it in firing if it.subject not in planted]
    false = [it.subject for it in others if not is_echo(it, planted, subjects)]
    assert len(false) <= most_false(found), false


def most_false(found: list[Signal]) -> float:
    """False alarms that one in twenty feeds without a surge may have more of, by the promise."""
    months = (found[-1].published - found[0].published) / MONTH * len({it.subject for it in found})
    return float(poisson.ppf(0.95, Rule().false_alarms_per_subject_month * months))


def by_article(found: list[Signal]) -> Mapping[str, set[str]]:
    """What each article is about."""
    subjects = defaultdict(set)
    for it in found:
        subjects[it.key].add(it.subject)
    return subjects


def is_echo(alert: Alert, planted: set[str], subjects: Mapping[str, set[str]]) -> bool:
    """Whether most of what speaks for an alert is news of a planted surge."""
    told = [bool(planted & subjects[headline.key]) for headline in alert.headlines]
    return sum(told) > len(told) / 2
