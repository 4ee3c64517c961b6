"""What an article counts for: companies and topics, each with how much it is about them."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from nlp.classifier import Scores
from nlp.companies.finder import Company, CompanyFinder
from nlp.tasks import carried_topics
from schemas.article import Article

LEAST: Final = 0.001
"""A topic that a model with a very low threshold counts is still a subject."""


class Subject(NamedTuple):
    """What has a series of its own in the detector; ``relevance`` is above 0 and at most 1."""

    name: str
    relevance: float


def companies(article: Article, finder: CompanyFinder | None) -> list[Company]:
    """Those that the producer gives, and those that the ``finder``, if there is one, finds."""
    if finder is None:
        return [Company(ticker, 1.0) for ticker in article.companies]
    return finder.find(article.headline, article.summary or "", article.companies)


def subjects(found: Sequence[Company], scores: Scores) -> tuple[Subject, ...]:
    """Companies first, then the topics that the model says the article carries.

    >>> subjects([Company("ACME", 0.8)], Scores(0, 1, 0, {"earnings": 0.7, "macro": 0.1}))
    (Subject(name='company:ACME', relevance=0.8), Subject(name='topic:earnings', relevance=0.7))
    """
    return (*(Subject(f"company:{it.ticker}", it.relevance) for it in found), *_topics(scores))


def _topics(scores: Scores) -> Iterator[Subject]:
    for name in carried_topics(scores):
        yield Subject(f"topic:{name}", min(max(scores.topics[name], LEAST), 1.0))
