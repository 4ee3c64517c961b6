"""Prefetch model scores: the next articles are scored while the current ones are committed.

A text's scores depend on the text alone, so they can be asked for early. So can what it says about
each of its companies, if it names several: that is a second call, with the texts that the first one
could score. Prefetched scores of a partition that went to another worker meanwhile are discarded.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from agents.scoring.deduplicate import (
    NewArticle,
    PendingArticles,
    Position,
    SeenKeys,
    deduplicate,
)
from agents.scoring.isolate_poison import Poison
from agents.scoring.model_calls import AskedKey, ModelCalls
from agents.scoring.subjects import MIN_ASKED_COMPANIES, companies, questions
from nlp.classifier import Classifier, Question, Scores, SubjectClassifier
from nlp.companies.finder import Company, CompanyFinder
from nlp.languages.router import DeclaredText, model_that_read
from schemas.article import Article
from streams.core.handler import Batch


class ScoredText(NamedTuple):
    """The scores of an article's text, and the companies that it is about.

    Attributes:
        scores: the scores of the text; poison if the model fails on it, or on a question about it.
        companies: the companies that the producer gives, and those that were found.
        about: the answers to questions about companies, by subject, if any were asked.
    """

    scores: Scores | Poison
    companies: list[Company]
    about: Mapping[str, Scores] = {}


class _Prefetch(NamedTuple):
    """One call of the model under way.

    Attributes:
        positions: The positions of all records of the batches that it was started for.
        pending: What its articles say, by key.
        new: The articles whose texts the model reads: copies are left out.
        answers: One answer for each of ``new``, in the same order.
    """

    positions: AbstractSet[Position]
    pending: PendingArticles
    new: list[NewArticle]
    answers: "asyncio.Task[list[ScoredText]]"


class ModelPrefetch:
    """A model in a thread of its own, and a queue of calls that were started early."""

    def __init__(
        self, classifier: Classifier, finder: CompanyFinder | None, patience: float
    ) -> None:
        """Store the model and the finder of companies, if there is one.

        A `ModelBusy` failure is retried for ``patience`` seconds and then raised.
        """
        self._classifier = classifier
        self._finder = finder
        self._queue: list[_Prefetch] = []
        self._calls = ModelCalls(patience)
        self._ask = classifier.classify_about if isinstance(classifier, SubjectClassifier) else None

    def start(self, batches: Sequence[Batch[SeenKeys]]) -> None:
        """Have the model read the new articles of ``batches``, after all that was started before.

        Batches of which any record was started before are left alone.
        """
        positions = _positions(batches)
        if not positions or any(positions & prefetch.positions for prefetch in self._queue):
            return
        earlier = [prefetch.pending for prefetch in reversed(self._queue)]
        pending: PendingArticles = {}
        unique = [deduplicate(batch, pending, {}, self._finder, earlier) for batch in batches]
        new = [article for batch in unique for article in batch.new]
        answers = asyncio.create_task(self._score(new))
        self._queue.append(_Prefetch(positions, pending, new, answers))

    def claim(self, batches: Sequence[Batch[SeenKeys]]) -> Mapping[Position, NewArticle]:
        """Cancel what was started before ``batches``; return the articles started for them.

        Batches are handled in the order in which they were started, so what was started earlier
        and is not among them belongs to partitions that went to another worker.
        """
        positions = _positions(batches)
        while positions and self._queue and not positions & self._queue[0].positions:
            self._queue.pop(0).answers.cancel()
        claimed = (prefetch for prefetch in self._queue if positions & prefetch.positions)
        return {new.position: new for prefetch in claimed for new in prefetch.new}

    async def score(self, articles: Sequence[NewArticle]) -> dict[Position, ScoredText]:
        """Return the answers for ``articles``; those that were not started are read now.

        Raises:
            ModelBusy: the model was busy for longer than ``patience``.
            Exception: the model raised anything else than `ModelError`.
        """
        positions = {article.position for article in articles}
        answers: dict[Position, ScoredText] = {}
        while self._queue and positions & self._queue[0].positions:
            prefetch = self._queue.pop(0)
            read = (article.position for article in prefetch.new)
            answers |= zip(read, await prefetch.answers, strict=True)
        missing = [article for article in articles if article.position not in answers]
        unread = (article.position for article in missing)
        answers |= zip(unread, await self._score(missing), strict=True)
        return answers

    def take_durations(self) -> list[float]:
        """Return the seconds that each call of the model took since the last call of this."""
        return self._calls.take_durations()

    def take_answered(self) -> Counter[str]:
        """Return how often the model and the memory answered since the last call of this."""
        return self._calls.take_answered()

    async def _score(self, new: Sequence[NewArticle]) -> list[ScoredText]:
        """Read the articles; articles with the same text are one text for the model."""
        articles = [new_article.article for new_article in new]
        texts = [(article_text(article), article.language, "") for article in articles]
        scores, subjects = await asyncio.gather(
            self._calls.answers([(text, text[0]) for text in texts], self._classifier.classify),
            asyncio.to_thread(lambda: [companies(article, self._finder) for article in articles]),
        )
        scored = [
            ScoredText(scores[text], named) for text, named in zip(texts, subjects, strict=True)
        ]
        return scored if self._ask is None else await self._ask_about(texts, scored, self._ask)

    async def _ask_about(
        self,
        texts: Sequence[AskedKey],
        scored: Sequence[ScoredText],
        ask: Callable[[Sequence[Question]], list[Scores]],
    ) -> list[ScoredText]:
        """Add what each text says about each of its companies, if it names several."""
        by_text = [
            self._questions(text[0], answer) for text, answer in zip(texts, scored, strict=True)
        ]
        asked = [
            ((*text[:2], question.subject), question)
            for text, by_subject in zip(texts, by_text, strict=True)
            for question in by_subject.values()
        ]
        answers = await self._calls.answers(asked, ask)
        return [
            _with_answers(
                answer,
                {
                    subject: answers[*text[:2], question.subject]
                    for subject, question in by_subject.items()
                },
            )
            if by_subject
            else answer
            for text, answer, by_subject in zip(texts, scored, by_text, strict=True)
        ]

    def _questions(self, text: str, scored: ScoredText) -> Mapping[str, Question]:
        """Return the questions about a text; none if the model that read it can't be asked."""
        scores = scored.scores
        if len(scored.companies) < MIN_ASKED_COMPANIES or isinstance(scores, Poison):
            return {}
        model = model_that_read(self._classifier, scores)
        return questions(text, scored.companies) if isinstance(model, SubjectClassifier) else {}


def _with_answers(scored: ScoredText, answers: Mapping[str, Scores | Poison]) -> ScoredText:
    """Return a text with the answers about it; poison if the model fails on one of them."""
    about: dict[str, Scores] = {}
    for subject, answer in answers.items():
        if isinstance(answer, Poison):
            return ScoredText(answer, scored.companies)
        about[subject] = answer
    return scored._replace(about=about)


def article_text(article: Article) -> str:
    """Return headline and summary as sentences on one line, which is what models read.

    The text knows the language that the producer says, if any.

    >>> from datetime import UTC, datetime
    >>> news = Article(key="k", source="s", headline="Profit falls", published=datetime.now(UTC))
    >>> article_text(news), article_text(news.model_copy(update={"summary": "Costs rose."}))
    ('Profit falls', 'Profit falls. Costs rose.')
    """
    text = f"{article.headline}. {article.summary}" if article.summary else article.headline
    return DeclaredText(text, article.language) if article.language else text


def _positions(batches: Sequence[Batch[SeenKeys]]) -> set[Position]:
    return {(batch.partition, record.offset) for batch in batches for record in batch.records}
