"""Distributions of what a model says: sentiments, topics, and how sure it is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, Self

from nlp.classifier import Scores
from nlp.tasks import SENTIMENTS, TOPICS, carried_topics

Name = Literal["sentiment", "topic", "confidence"]
NAMES: Final[tuple[Name, ...]] = ("sentiment", "topic", "confidence")

NO_TOPIC: Final = "none"
"""Stands for the topic of an article without one."""
OTHER_TOPIC: Final = "other"
"""Stands for a topic that is not in the vocabulary: labels of metrics must be bounded."""
_TENTHS: Final = tuple(f"0.{tenth}" for tenth in range(10))
_KNOWN: Final = frozenset(TOPICS)


@dataclass(slots=True)
class Distributions:
    """Counts of articles by class.

    Attributes:
        articles: The number of articles.
        sentiment: Articles by their likeliest sentiment.
        topic: Mentions of topics; `NO_TOPIC` for an article without one.
        confidence: Articles by the lower bound of the tenth that the probability of their
            likeliest sentiment lies in, from 0.3 to 0.9.
    """

    articles: int = 0
    sentiment: Counter[str] = field(default_factory=Counter)
    topic: Counter[str] = field(default_factory=Counter)
    confidence: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, scores: Iterable[Scores]) -> Self:
        """Count texts by their scores; those that no model reads are left out.

        >>> counted = Distributions.of([Scores(0.85, 0.1, 0.05, {"earnings": 0.7})])
        >>> counted.sentiment, counted.topic, counted.confidence
        (Counter({'negative': 1}), Counter({'earnings': 1}), Counter({'0.8': 1}))
        """
        result = cls()
        for each in scores:
            if each.is_unread:
                continue
            result.articles += 1
            sentiment = each[:3]
            probability = max(sentiment)
            result.sentiment[SENTIMENTS[sentiment.index(probability)]] += 1
            result.confidence[_TENTHS[min(int(probability * 10.0), 9)]] += 1
            for topic in carried_topics(each) or (NO_TOPIC,):
                is_known = topic in _KNOWN or topic == NO_TOPIC
                result.topic[topic if is_known else OTHER_TOPIC] += 1
        return result

    def counts(self, name: Name) -> Counter[str]:
        """Return the counts of one distribution."""
        return {
            "sentiment": self.sentiment,
            "topic": self.topic,
            "confidence": self.confidence,
        }[name]

    def __add__(self, other: "Distributions") -> "Distributions":
        """Return the counts of both."""
        return Distributions(
            self.articles + other.articles,
            self.sentiment + other.sentiment,
            self.topic + other.topic,
            self.confidence + other.confidence,
        )
