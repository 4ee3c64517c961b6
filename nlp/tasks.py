"""The two tasks of a model, sentiment and topic, and their labels."""

from typing import Final, Literal

from nlp.classifier import Scores, ShadowScores

Task = Literal["sentiment", "topic"]
TASKS: Final[tuple[Task, ...]] = ("sentiment", "topic")

SENTIMENTS: Final = ("negative", "neutral", "positive")

TOPICS: Final = (
    "analyst-update",
    "fed-central-banks",
    "company-product-news",
    "treasuries-corporate-debt",
    "dividend",
    "earnings",
    "energy-oil",
    "financials",
    "currencies",
    "general-news-opinion",
    "gold-metals-materials",
    "ipo",
    "legal-regulation",
    "m-a-investments",
    "macro",
    "markets",
    "politics",
    "personnel-change",
    "stock-commentary",
    "stock-movement",
)
"""The classes of the Twitter Financial News topic dataset, in its order."""

LABELS: Final[dict[Task, tuple[str, ...]]] = {"sentiment": SENTIMENTS, "topic": TOPICS}

SEVERITIES: Final = 4
"""Classes of the severity head: how bad what a text says is, from 0 to 3 (docs/labelling.md)."""

Head = Literal["sentiment", "topic", "severity"]
HEADS: Final[dict[Head, int]] = {
    "sentiment": len(SENTIMENTS),
    "topic": len(TOPICS),
    "severity": SEVERITIES,
}
"""The outputs of newsquake's own models, in the order of the logits, and the classes of each."""

DEFAULT_TOPIC_THRESHOLD: Final = 0.5
"""Score from which a text carries a topic, if the model has no thresholds of its own."""


def carried_topics(scores: Scores | ShadowScores) -> tuple[str, ...]:
    """Return the topics that a text carries.

    These are ``scores.about``; if the model leaves it empty, the topics that score at least
    `DEFAULT_TOPIC_THRESHOLD`.

    >>> carried_topics(Scores(0.1, 0.8, 0.1, {"earnings": 0.7, "macro": 0.2}))
    ('earnings',)
    >>> carried_topics(Scores(0.1, 0.8, 0.1, {"earnings": 0.7, "macro": 0.2}, about=("macro",)))
    ('macro',)
    """
    if scores.about or not scores.topics:
        return scores.about
    return tuple(
        [topic for topic, score in scores.topics.items() if score >= DEFAULT_TOPIC_THRESHOLD]
    )
