"""Scoring: every article once, in batches as large as what has gathered."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay
from tenacity.wait import wait_random_exponential

from agents.bisect import Poison, bisect
from agents.dedupe import Dedupe, Seen
from agents.events import Outlet, lineage
from agents.subjects import Subject, companies, subjects
from agents.text import text
from nlp.classifier import Classifier, Scores
from nlp.companies.find import Companies, Company
from schemas import cloudevents
from schemas.article import Article
from schemas.refusal import Invalid, Refusal
from schemas.scored import ScoredArticle, Sentiment, ShadowScore
from schemas.signal import Signal
from streams.failures import Transient
from streams.handler import Batch, Change, Decision, Rejection
from streams.record import Message, Record

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0


class Fresh(NamedTuple):
    """A record that is no copy."""

    record: Record
    key: bytes
    article: Article


class Answer(NamedTuple):
    """What is known of an article once its text was read."""

    scores: Scores | Poison
    companies: list[Company]


Taken = dict[tuple[int, bytes], int]
"""Partition and key of what one call has found fresh so far, with the record's timestamp."""


@dataclass(slots=True)
class Sifted:
    """One batch, apart from its copies."""

    batch: Batch[Seen]
    fresh: list[Fresh] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)


class Score:
    """Reads `news.accepted`, writes `news.scored` and one signal per subject to `news.signals`.

    Copies within the window are dropped. All fresh articles of a call go to the model together, in
    a thread. A text that the model fails on alone is set aside and not remembered, so a replay
    scores it; a `Transient` failure is tried again for ``patience`` seconds and then raised.
    Without ``companies`` to find, only those count that the producer gives.

    Signals carry the time of sending as their timestamp, not the article's: the detector takes a
    lineage for idle by it, and a backlog being read is not idle.
    """

    def __init__(  # noqa: PLR0913 - two ways out, and one for each part of the settings
        self,
        scored: Outlet,
        signals: Outlet,
        classifier: Classifier,
        dedupe: Dedupe,
        companies: Companies | None = None,
        *,
        patience: float = 30.0,
    ) -> None:
        self._scored = scored
        self._signals = signals
        self._classifier = classifier
        self._dedupe = dedupe
        self._companies = companies
        self._patience = patience

    def recall(self, partition: int, entries: Iterable[Change]) -> Seen:  # noqa: ARG002
        """Which articles the partition has scored already."""
        return Seen(self._dedupe, entries)

    async def handle(self, batches: Sequence[Batch[Seen]]) -> Sequence[Decision]:
        """Sift, classify, then decide: memory changes only once the model has answered."""
        taken: Taken = {}
        sifted = [_sift(batch, taken) for batch in batches]
        articles = [fresh.article for found in sifted for fresh in found.fresh]
        scores, named = await asyncio.gather(
            bisect(self._classify, [text(article) for article in articles]),
            asyncio.to_thread(self._find, articles),
        )
        answers = iter([Answer(*both) for both in zip(scores, named, strict=True)])
        return [self._decide(found, answers) for found in sifted]

    async def _classify(self, texts: Sequence[str]) -> list[Scores]:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Transient),
            wait=wait_random_exponential(FIRST_PAUSE, LONGEST_PAUSE),
            stop=stop_after_delay(self._patience),
            reraise=True,
        )
        scores: list[Scores] = await retrying(asyncio.to_thread, self._classifier.classify, texts)
        if len(scores) != len(texts):
            raise RuntimeError(f"{len(scores)} scores for {len(texts)} texts")
        return scores

    def _find(self, articles: Sequence[Article]) -> list[list[Company]]:
        return [companies(article, self._companies) for article in articles]

    def _decide(self, sifted: Sifted, answers: Iterator[Answer]) -> Decision:
        decision = Decision(rejections=sifted.rejections)
        for fresh in sifted.fresh:
            scores, found = next(answers)
            if isinstance(scores, Poison):
                decision.rejections.append(self._poisoned(fresh, scores))
                continue
            decision.changes.append(sifted.batch.memory.add(fresh.key, fresh.record.timestamp))
            decision.messages.extend(self._messages(fresh, scores, subjects(found, scores)))
        return decision

    def _poisoned(self, fresh: Fresh, poison: Poison) -> Rejection:
        model = self._classifier.model_id
        key = fresh.article.key
        return Rejection(fresh.record, "model", poison.cause, key, model, poison.attempts)

    def _messages(
        self, fresh: Fresh, scores: Scores, about: tuple[Subject, ...]
    ) -> Iterator[Message]:
        article = fresh.article
        trace = cloudevents.trace(fresh.record.headers)
        yield self._scored.message(
            self._scored_article(article, scores, tuple(subject.name for subject in about)),
            key=article.key,
            event_id=article.key,
            time=article.published,
            extra=trace,
            timestamp=fresh.record.timestamp,
        )
        path = lineage(fresh.record)
        for subject in about:
            yield self._signals.message(
                self._signal(article, scores, subject, path),
                key=subject.name,
                event_id=f"{article.key}/{subject.name}",
                time=article.published,
                extra=trace,
            )

    def _scored_article(
        self, article: Article, scores: Scores, subjects: tuple[str, ...]
    ) -> ScoredArticle:
        return ScoredArticle(
            article=article,
            sentiment=Sentiment(
                negative=scores.negative, neutral=scores.neutral, positive=scores.positive
            ),
            topics=dict(scores.topics),
            subjects=subjects,
            model=self._classifier.model_id,
            shadow=_shadow(scores),
        )

    def _signal(self, article: Article, scores: Scores, subject: Subject, path: str) -> Signal:
        return Signal(
            subject=subject.name,
            relevance=subject.relevance,
            key=article.key,
            published=article.published,
            negative=scores.negative,
            neutral=scores.neutral,
            positive=scores.positive,
            headline=article.headline,
            source=article.source,
            model=self._classifier.model_id,
            lineage=path,
        )


def _shadow(scores: Scores) -> ShadowScore | None:
    said = scores.shadow
    if said is None:
        return None
    sentiment = Sentiment(negative=said.negative, neutral=said.neutral, positive=said.positive)
    return ShadowScore(model=said.model, sentiment=sentiment, topics=dict(said.topics))


def _sift(batch: Batch[Seen], taken: Taken) -> Sifted:
    """Leave out copies: of what is remembered, and of what this call has ``taken`` already."""
    sifted = Sifted(batch)
    for record in batch.records:
        key = record.key or b""
        first = taken.get((batch.partition, key))
        if batch.memory.has(key, record.timestamp, first):
            continue
        try:
            sifted.fresh.append(Fresh(record, key, _article(record)))
        except Refusal as refusal:
            sifted.rejections.append(Rejection(record, refusal.reason, refusal))
        else:
            taken[batch.partition, key] = record.timestamp
    return sifted


def _article(record: Record) -> Article:
    if not record.key:
        raise Invalid("key", "is missing", "write accepted articles under their idempotency key")
    return Article.from_bytes(record.value)
