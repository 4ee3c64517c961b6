"""The subjects of an article: companies and topics, each with its relevance."""

from collections.abc import Sequence
from typing import Final

import msgspec

from nlp.classifier import Question, Scores
from nlp.companies.finder import Company, CompanyFinder
from nlp.tasks import carried_topics
from schemas.article import Article

MIN_ASKED_COMPANIES: Final = 2
"""A text about fewer companies is about the one, so that its own sentiment counts."""
MIN_TOPIC_RELEVANCE: Final = 0.001
"""A topic may score nearly 0 and still be carried, if the model's threshold for it is that low."""


class Subject(msgspec.Struct, frozen=True, order=True, gc=False):
    """A name with a series of its own in the detector, and its relevance in (0, 1]."""

    name: str
    relevance: float


def company_subject(ticker: str) -> str:
    """Return the name of a company's subject.

    >>> company_subject("ACME")
    'company:ACME'
    """
    return f"company:{ticker}"


def sent_companies(article: Article, finder: CompanyFinder | None) -> tuple[str, ...]:
    """Return the tickers of the companies that the producer gives, as ``finder`` has them."""
    if finder is None:
        return article.companies
    return finder.resolved(article.companies, article.company_names)


def companies(article: Article, finder: CompanyFinder | None) -> list[Company]:
    """Return the companies that the producer gives and those that ``finder`` finds in the text."""
    if finder is None:
        return [Company(ticker, 1.0) for ticker in article.companies]
    return finder.find(
        article.headline, article.summary or "", article.companies, article.company_names
    )


def company_subjects(companies: Sequence[Company]) -> list[Subject]:
    """Return the subjects that companies are.

    >>> company_subjects([Company("ACME", 0.8)])
    [Subject(name='company:ACME', relevance=0.8)]
    """
    return [Subject(company_subject(company.ticker), company.relevance) for company in companies]


def subjects(companies: Sequence[Company], scores: Scores) -> tuple[Subject, ...]:
    """Return the companies, then the topics that the model says the article carries.

    An article that no model has read is about nothing: a neutral guess about its companies would
    count as good news.

    >>> subjects([Company("ACME", 0.8)], Scores(0, 1, 0, {"earnings": 0.7, "macro": 0.1}))
    (Subject(name='company:ACME', relevance=0.8), Subject(name='topic:earnings', relevance=0.7))
    """
    if scores.is_unread:
        return ()
    topics = [
        Subject(f"topic:{name}", float(min(max(scores.topics[name], MIN_TOPIC_RELEVANCE), 1.0)))
        for name in carried_topics(scores)
    ]
    return (*company_subjects(companies), *topics)


def questions(text: str, companies: Sequence[Company]) -> dict[str, Question]:
    """Return what a model is to be asked of a text, by subject: of each company that it names.

    Nothing is asked of a text that names fewer than `MIN_ASKED_COMPANIES`.

    >>> questions("Acme up, Emca down", [Company("ACM", 1.0, "Acme"), Company("EMC", 0.5, "Emca")])
    {'company:ACM': Question(text='Acme up, Emca down', subject='Acme'), \
'company:EMC': Question(text='Acme up, Emca down', subject='Emca')}
    >>> questions("Acme up", [Company("ACM", 1.0, "Acme"), Company("GVN", 1.0)])
    {}
    """
    named = [company for company in companies if company.mention]
    if len(named) < MIN_ASKED_COMPANIES:
        return {}
    return {company_subject(company.ticker): Question(text, company.mention) for company in named}
