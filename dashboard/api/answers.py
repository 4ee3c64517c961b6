"""Answers of the API: pure functions from the view to what is sent as JSON."""

from collections.abc import Iterable
from datetime import UTC
from typing import Final

from agents.telling.alert_sentence import alert_sentence
from dashboard.api.attention import words_about
from dashboard.api.heat import heat
from dashboard.api.rows import Answer, alert_row, article_row, moment, subject_row
from dashboard.view.alerts import AlertStory
from dashboard.view.articles import KeptArticle
from dashboard.view.news_view import NewsView
from dashboard.view.subjects import SubjectView
from schemas.alert import MARKET

_DAY: Final = 86_400.0
BEFORE_SECONDS: Final = 3 * _DAY
"""The seismogram of an alert begins so long before its onset."""
AFTER_SECONDS: Final = _DAY
"""The seismogram of an alert ends so long after its last change."""
MAX_ARTICLES: Final = 500
"""Latest articles of a subject that its heat map counts."""
SHOWN_ARTICLES: Final = 30


def now_answer(view: NewsView, wall: float) -> Answer:
    """Return all subjects by how far they are from their usual, and the open alerts."""
    now = view.now(wall)
    number = view.bin_at(now)
    rows = [subject_row(view, name, number) for name in view.subjects if name != MARKET]
    rows.sort(key=lambda row: (-row["deflection"], row["subject"]))
    is_known = MARKET in view.subjects
    return {
        "now": moment(now),
        "market": subject_row(view, MARKET, number) if is_known else None,
        "subjects": rows,
        "alerts": [alert_row(view, story, wall) for story in view.alerts.open()],
        "articles": len(view.articles),
        "model": view.model,
    }


def trace_answer(view: NewsView, names: Iterable[str], since: float, wall: float) -> Answer:
    """Return the needles' traces of subjects since a Unix time, with their latest signals."""
    number = view.bin_at(view.now(wall))
    return {
        name: {
            "deflection": round(view.subjects[name].needle.deflection(number), 3),
            "bins": [
                [round(row.time), round(row.before, 3), round(row.deflection, 3)]
                for row in view.subjects[name].rows(since)
            ],
            "pulses": pulses(view.subjects[name], since),
        }
        for name in names
        if name in view.subjects
    }


def pulses(subject: SubjectView, since: float) -> list[list[float]]:
    """Return the latest signals as time, negative and positive probability."""
    return [
        [round(pulse.time), round(pulse.negative, 3), round(pulse.positive, 3)]
        for pulse in subject.pulses
        if pulse.time > since
    ]


def seismogram(subject: SubjectView, since: float, until: float) -> list[list[float]]:
    """Return the closed bins between two Unix times; see `TraceRow` for the columns."""
    return [
        [round(row.time), *(round(value, 3) for value in row[1:])]
        for row in subject.rows(since)
        if row.time <= until
    ]


def alert_answer(view: NewsView, story: AlertStory, wall: float) -> Answer:
    """Return an alert with its life, its headlines and the seismogram around it."""
    alert = story.last
    since = story.first.onset.timestamp() - BEFORE_SECONDS
    until = alert.detected_at.timestamp() + AFTER_SECONDS if not story.is_open else float("inf")
    names = [alert.subject, MARKET] if alert.subject != MARKET else [MARKET]
    headlines = {
        headline.key: headline for change in story.changes for headline in change.alert.headlines
    }
    return {
        **alert_row(view, story, wall),
        "alert": alert.model_dump(mode="json"),
        "changes": [
            {
                "status": change.alert.status,
                "severity": change.alert.severity,
                "discovery": change.alert.discovery,
                "evidence": round(change.alert.evidence, 2),
                "at": change.alert.detected_at,
                "written": moment(change.written / 1000),
                "summary": alert_sentence(change.alert, UTC),
                "silenced": change.silence is not None,
            }
            for change in story.changes
        ],
        "headlines": [
            {**headline.model_dump(mode="json"), "article": _row_of(view, headline.key)}
            for headline in headlines.values()
        ],
        "words": words_about(view, story, wall),
        "bin_seconds": view.bin_seconds,
        "traces": {
            name: seismogram(view.subjects[name], since, until)
            for name in names
            if name in view.subjects
        },
    }


def subject_answer(view: NewsView, name: str, wall: float) -> Answer:
    """Return a subject: its trace, its alerts, its topics by day, and its latest articles."""
    subject, now = view.subjects[name], view.now(wall)
    articles = view.articles.of_subject(name, MAX_ARTICLES)
    articles.sort(key=lambda article: -article.published)
    return {
        **subject_row(view, name, view.bin_at(now)),
        "now": moment(now),
        "bin_seconds": view.bin_seconds,
        "trace": seismogram(subject, 0.0, float("inf")),
        "pulses": pulses(subject, 0.0),
        "alerts": [alert_row(view, story, wall) for story in view.alerts.of_subject(name)],
        "heat": heat(name, articles),
        "articles": [article_row(article) for article in articles[:SHOWN_ARTICLES]],
    }


def _row_of(view: NewsView, key: str) -> Answer | None:
    kept = view.articles.get(key)
    return article_row(kept) if kept else None


def article_answer(view: NewsView, kept: KeptArticle, wall: float) -> Answer:
    """Return an article with its records, its times, and the alerts that show it."""
    first = kept.records()[0].article
    return {
        **article_row(kept),
        "url": first.url,
        "summary": first.summary,
        "companies": first.companies,
        "extra": first.extra,
        "place": kept.place,
        "times": {
            "published": first.published,
            "sent": moment(kept.sent / 1000),
            "scored": moment(kept.scored / 1000),
        },
        "records": [scored.model_dump(mode="json") for scored in kept.records()],
        "alerts": [alert_row(view, story, wall) for story in view.alerts.fed_by(first.key)],
    }
