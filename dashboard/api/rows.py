"""Rows of lists: an alert, a subject, an article, as JSON."""

from datetime import UTC, datetime
from typing import Any

from agents.telling.alert_sentence import alert_sentence
from dashboard.api.attention import attention
from dashboard.view.alerts import AlertStory
from dashboard.view.articles import KeptArticle
from dashboard.view.news_view import NewsView
from schemas.alert import Alert

Answer = dict[str, Any]


def moment(seconds: float) -> str:
    """Return a Unix time as ISO 8601.

    >>> moment(0.0)
    '1970-01-01T00:00:00Z'
    """
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat().removesuffix('+00:00')}Z"


def alert_row(view: NewsView, story: AlertStory, wall: float) -> Answer:
    """Return an alert for a list: its last state, why it fired, and what people said about it."""
    alert, first = story.last, story.first
    return {
        "id": alert.id,
        "subject": alert.subject,
        "status": alert.status,
        "open": story.is_open,
        "severity": alert.severity,
        "onset": alert.onset,
        "fired_at": first.detected_at,
        "changed_at": alert.detected_at,
        "discovery": alert.discovery,
        "evidence": round(alert.evidence, 2),
        "summary": alert_sentence(alert, UTC),
        "effect": round(effect(alert), 1),
        "news_severity": alert.news_severity,
        "headline": alert.headlines[0].text if alert.headlines else None,
        "stories": alert.stories,
        "sources": alert.sources,
        "members": len(alert.members),
        **attention(view, story, wall),
    }


def effect(alert: Alert) -> float:
    """Return the negative news since the onset as a multiple of the usual, one added to both."""
    usual = alert.expected_volume * alert.expected_share
    return (alert.volume * alert.negative_share + 1.0) / (usual + 1.0)


def subject_row(view: NewsView, name: str, number: int) -> Answer:
    """Return a subject for a list, while bin ``number`` is open."""
    subject = view.subjects[name]
    last = subject.last
    return {
        "subject": name,
        "deflection": round(subject.needle.deflection(number), 3),
        "evidence": round(last.evidence, 2) if last else 0.0,
        "threshold": round(last.threshold, 2) if last else None,
        "signals": subject.signals,
        "latest": moment(subject.latest),
    }


def article_row(kept: KeptArticle) -> Answer:
    """Return an article for a list."""
    scored = kept.records()[0]
    article, sentiment = scored.article, scored.sentiment
    return {
        "key": article.key,
        "headline": article.headline,
        "source": article.source,
        "published": article.published,
        "negative": round(sentiment.negative, 3),
        "neutral": round(sentiment.neutral, 3),
        "positive": round(sentiment.positive, 3),
        "severity": scored.severity,
        "subjects": scored.subjects,
        "unread": scored.unread,
    }
