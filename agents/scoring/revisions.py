"""Revisions: records of an article that was scored before and that say more than it did.

A *companies* revision is a copy that names further companies: rows of one article for each ticker,
or an item that is polled for each symbol. A *correction* has another headline.

An article counts once for each subject. So a revision gives signals about subjects that the article
did not count for before, and nothing that was counted is taken back: the bin that it was counted in
may be closed. That a correction has another sentiment, or no longer names a company, is on
`news.scored` only.
"""

from collections.abc import Sequence
from typing import NamedTuple

from agents.scoring.article_memory import MAX_MARKS, ArticleMemory, subject_mark
from agents.scoring.deduplicate import NewArticle, SeenKeys
from agents.scoring.subjects import Subject, company_subject
from schemas.scored import Revision


class News(NamedTuple):
    """What is new of a record.

    Attributes:
        revision: How it revises an article that was scored before; None for a first record.
        subjects: The subjects that the article newly counts for.
        memory: What is to be remembered of the article.
    """

    revision: Revision | None
    subjects: Sequence[Subject]
    memory: ArticleMemory


def tell_news(new: NewArticle, memory: SeenKeys, subjects: Sequence[Subject]) -> News | None:
    """Return what is new of an article about ``subjects``; None if it is a copy.

    Records are compared with ``memory`` once more: one before this in its batch may have been set
    aside, or may have named the companies in its text.
    """
    known = memory.get(new.key, new.sent)
    if known is None:
        marks = (*new.marks, *[subject_mark(subject.name) for subject in subjects])
        return News(None, subjects, ArticleMemory(new.sent, marks[:MAX_MARKS]))
    revision = new.revision_of(known)
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
    return News(revision, tuple(added.values()), known.with_marks((*new.marks, *added)))
