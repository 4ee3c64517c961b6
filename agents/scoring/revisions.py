"""Revisions: records of an article that was scored before and that say more than it did.

A *companies* revision is a copy that names further companies: rows of one article for each ticker,
or an item that is polled for each symbol. A *correction* has another headline.

An article counts once for each subject. So a revision gives signals about subjects that the article
did not count for before, and nothing that was counted is taken back: the bin that it was counted in
may be closed. That a correction has another sentiment, or no longer names a company, is on
`news.scored` only.

The rule is pure: `score` and `newsquake check` decide by it, each with a memory of its own.
"""

from collections.abc import Sequence
from typing import Self

import msgspec

from agents.scoring.article_memory import (
    MAX_MARKS,
    ArticleMemory,
    bytes_mark,
    headline_mark,
    subject_mark,
)
from agents.scoring.subjects import Subject, company_subject, sent_companies
from nlp.companies.finder import CompanyFinder
from schemas.article import Article
from schemas.scored import Revision


class Said(msgspec.Struct, frozen=True, gc=False):
    """Marks of what a record says of its article, and what further marks are made from.

    Attributes:
        record: The mark of its bytes.
        headline: The mark of its headline.
        article: What the record holds.
        finder: What knows the tickers of the companies that producers give.
    """

    record: int
    headline: int
    article: Article
    finder: CompanyFinder | None

    @classmethod
    def by(cls, value: bytes | None, article: Article, finder: CompanyFinder | None) -> Self:
        """Return what the record ``value`` says, which holds ``article``."""
        return cls(bytes_mark(value), headline_mark(article.headline), article, finder)

    def companies(self) -> list[int]:
        """Return the marks of the companies that the producer gives, which only copies need."""
        tickers = sent_companies(self.article, self.finder)
        return [subject_mark(company_subject(ticker)) for ticker in tickers]

    def revises(self, known: ArticleMemory) -> Revision | None:
        """Return how this revises the article that is ``known``; None if it is a copy."""
        marks = known.marks
        if known.is_full or self.record in marks:
            return None
        if self.headline not in marks:
            return "correction"
        return "companies" if any(mark not in marks for mark in self.companies()) else None


class News(msgspec.Struct, frozen=True, gc=False):
    """News of a record: what it says that was not known of its article.

    Attributes:
        revision: How it revises an article that was scored before; None for a first record.
        subjects: The subjects that the article newly counts for.
        memory: What is to be remembered of the article.
    """

    revision: Revision | None
    subjects: Sequence[Subject]
    memory: ArticleMemory


def tell_news(
    said: Said, known: ArticleMemory | None, subjects: Sequence[Subject], sent: int = 0
) -> News | None:
    """Return what is new of an article about ``subjects``; None if it is a copy.

    Args:
        said: What the record says.
        known: The article, if it is remembered.
        subjects: The companies that the producer gives, and what else the text is about.
        sent: When the record was sent, milliseconds.
    """
    if known is None:
        first = (said.record, said.headline, *[subject_mark(subject.name) for subject in subjects])
        return News(None, subjects, ArticleMemory(sent, first[:MAX_MARKS]))
    revision = said.revises(known)
    if revision is None:
        return None
    prefix = company_subject("") if revision == "companies" else ""
    added = {
        mark: subject
        for subject in subjects
        # Further companies come with the text of the first record, so its topics have counted.
        if subject.name.startswith(prefix)
        and (mark := subject_mark(subject.name)) not in known.marks
    }
    memory = known.with_marks((said.record, said.headline, *added))
    return News(revision, tuple(added.values()), memory)
