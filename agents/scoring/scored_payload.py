"""The payload of `news.scored`: an article with the scores of its text, and of its companies."""

from collections.abc import Iterable, Mapping

from nlp.classifier import Scores, ShadowScores
from schemas.article import Article
from schemas.scored import Revision, ScoredArticle, Sentiment, ShadowScore, SubjectSentiment


def scored_article(  # noqa: PLR0913, PLR0917 - a scored article has that many sources
    article: Article,
    scores: Scores,
    subjects: tuple[str, ...],
    model: str,
    revision: Revision | None = None,
    answers: Mapping[str, Scores] = {},
    *,
    degraded: bool = False,
) -> ScoredArticle:
    """Return an article with the scores of the model, and of its shadow where there is one.

    ``answers`` are those to questions about companies, by subject. ``degraded`` tells that a
    fallback gave the scores.
    """
    shadow = scores.shadow
    return ScoredArticle.of_valid(
        {
            "article": article,
            "sentiment": _sentiment(scores),
            "topics": {topic: float(score) for topic, score in scores.topics.items()},
            "subjects": subjects,
            "model": model,
            "language": scores.reader.language if scores.reader else None,
            "unread": scores.is_unread,
            "degraded": degraded,
            "shadow": shadow
            and ShadowScore(
                model=shadow.model, sentiment=_sentiment(shadow), topics=dict(shadow.topics)
            ),
            "revision": revision,
            "severity": severity_of(scores),
            "subject_sentiments": _subject_sentiments(subjects, answers) if answers else None,
        }
    )


def _sentiment(scores: Scores | ShadowScores) -> Sentiment:
    # Models' answers are checked where they come in (`nlp.plugins`, `nlp.checkpoints`).
    return Sentiment.of_valid(sentiment_fields(scores))


def sentiment_fields(scores: Scores | ShadowScores) -> dict[str, float]:
    """Return the three probabilities as fields of a payload."""
    return {
        "negative": float(scores.negative),
        "neutral": float(scores.neutral),
        "positive": float(scores.positive),
    }


def severity_of(scores: Scores) -> float | None:
    """Return the severity as a field of a payload; None if the model says none."""
    return None if scores.severity is None else float(scores.severity)


def _subject_sentiments(
    subjects: Iterable[str], answers: Mapping[str, Scores]
) -> dict[str, SubjectSentiment] | None:
    """Return the answers about ``subjects``; None if the model was asked about none of them."""
    return {
        subject: SubjectSentiment.of_valid(
            {**sentiment_fields(answer), "severity": severity_of(answer)}
        )
        for subject in subjects
        if (answer := answers.get(subject)) is not None
    } or None
