"""Prefetch model scores: the next articles are scored while the current ones are committed.

A text's scores depend on the text alone, so they can be asked for early. Prefetched scores of a
partition that went to another worker meanwhile are discarded.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay
from tenacity.wait import wait_random_exponential

from agents.scoring.deduplicate import (
    NewArticle,
    PendingArticles,
    Position,
    SeenKeys,
    deduplicate,
)
from agents.scoring.isolate_poison import Poison, isolate_poison
from agents.scoring.subjects import companies
from nlp.classifier import Classifier, ModelBusy, Scores
from nlp.companies.finder import Company, CompanyFinder
from nlp.languages.router import DeclaredText
from schemas.article import Article
from streams.core.handler import Batch

MIN_PAUSE_SECONDS: Final = 0.1
"""The pause after the first failure of a busy model; each further pause is up to twice as long."""
MAX_PAUSE_SECONDS: Final = 5.0
MAX_RECENT_TEXTS: Final = 4_096
"""Texts whose scores are at hand for a revision, which mostly comes soon after; about 1 KB each.

Up to twice as many are kept."""


class ScoredText(NamedTuple):
    """The scores of an article's text, and the companies that it is about."""

    scores: Scores | Poison
    companies: list[Company]


_KeyAndText = tuple[bytes, str, str | None]
"""The key of an article, its text, and the language that its producer says."""


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
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, "newsquake-model")
        self._queue: list[_Prefetch] = []
        self._recent: dict[_KeyAndText, Scores] = {}
        self._older: dict[_KeyAndText, Scores] = {}
        self._durations: list[float] = []

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
        durations, self._durations = self._durations, []
        return durations

    async def _score(self, new: Sequence[NewArticle]) -> list[ScoredText]:
        """Read the articles; rows of one article with the same text are one text for the model."""
        articles = [new_article.article for new_article in new]
        texts = [
            (new_article.key, article_text(new_article.article), new_article.article.language)
            for new_article in new
        ]
        scores: dict[_KeyAndText, Scores | Poison] = {}
        missing: dict[_KeyAndText, str] = {}
        for text in texts:
            recent = self._recent.get(text) or self._older.get(text)
            if recent is None:
                missing[text] = text[1]
            else:
                scores[text] = recent
        read, subjects = await asyncio.gather(
            isolate_poison(self._classify, list(missing.values())),
            asyncio.to_thread(lambda: [companies(article, self._finder) for article in articles]),
        )
        answers = dict(zip(missing, read, strict=True))
        self._recent.update(
            (text, answer) for text, answer in answers.items() if not isinstance(answer, Poison)
        )
        if len(self._recent) > MAX_RECENT_TEXTS:
            self._recent, self._older = {}, self._recent
        scores |= answers
        return [
            ScoredText(scores[text], named) for text, named in zip(texts, subjects, strict=True)
        ]

    async def _classify(self, texts: Sequence[str]) -> list[Scores]:
        """Classify in the model's thread; retry while the model is busy."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(ModelBusy),
            wait=wait_random_exponential(MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS),
            stop=stop_after_delay(self._patience),
            reraise=True,
        )
        scores: list[Scores] = []
        async for attempt in retrying:
            with attempt:
                begin, loop = time.monotonic(), asyncio.get_running_loop()
                classify = self._classifier.classify
                scores = await loop.run_in_executor(self._thread, classify, texts)
                self._durations.append(time.monotonic() - begin)
        if len(scores) != len(texts):
            raise RuntimeError(f"{len(scores)} scores for {len(texts)} texts")
        return scores


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
