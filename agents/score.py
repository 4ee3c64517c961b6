"""Scoring: every article once, in batches as large as what has gathered."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay
from tenacity.wait import wait_random_exponential

from agents.bisect import Poison, bisect
from agents.dedupe import Dedupe, Seen
from agents.events import Outlet, lineage
from agents.text import text
from nlp.classifier import Classifier, Scores
from schemas import cloudevents
from schemas.article import Article
from schemas.refusal import Invalid, Refusal
from schemas.scored import ScoredArticle, Sentiment
from schemas.signal import Signal
from streams.failures import Transient
from streams.handler import Batch, Change, Decision, Rejection
from streams.record import Message, Record

TOPIC_FLOOR: Final = 0.5
"""A topic that scores less is not what the article is about."""
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0


class Fresh(NamedTuple):
    """A record that is no copy."""

    record: Record
    key: bytes
    article: Article


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

    Signals carry the time of sending as their timestamp, not the article's: the detector takes a
    lineage for idle by it, and a backlog being read is not idle.
    """

    def __init__(
        self,
        scored: Outlet,
        signals: Outlet,
        classifier: Classifier,
        dedupe: Dedupe,
        patience: float = 30.0,
    ) -> None:
        self._scored = scored
        self._signals = signals
        self._classifier = classifier
        self._dedupe = dedupe
        self._patience = patience

    def recall(self, partition: int, entries: Iterable[Change]) -> Seen:  # noqa: ARG002
        """Which articles the partition has scored already."""
        return Seen(self._dedupe, entries)

    async def handle(self, batches: Sequence[Batch[Seen]]) -> Sequence[Decision]:
        """Sift, classify, then decide: memory changes only once the model has answered."""
        taken: Taken = {}
        sifted = [_sift(batch, taken) for batch in batches]
        texts = [text(fresh.article) for found in sifted for fresh in found.fresh]
        answers = iter(await bisect(self._classify, texts))
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

    def _decide(self, sifted: Sifted, answers: Iterator[Scores | Poison]) -> Decision:
        decision = Decision(rejections=sifted.rejections)
        for fresh in sifted.fresh:
            answer = next(answers)
            if isinstance(answer, Poison):
                decision.rejections.append(self._poisoned(fresh, answer))
                continue
            decision.changes.append(sifted.batch.memory.add(fresh.key, fresh.record.timestamp))
            decision.messages.extend(self._messages(fresh, answer))
        return decision

    def _poisoned(self, fresh: Fresh, poison: Poison) -> Rejection:
        model = self._classifier.model_id
        key = fresh.article.key
        return Rejection(fresh.record, "model", poison.cause, key, model, poison.attempts)

    def _messages(self, fresh: Fresh, scores: Scores) -> Iterator[Message]:
        article = fresh.article
        trace = cloudevents.trace(fresh.record.headers)
        subjects = subjects_of(article, scores.topics)
        yield self._scored.message(
            self._scored_article(article, scores, subjects),
            key=article.key,
            event_id=article.key,
            time=article.published,
            extra=trace,
            timestamp=fresh.record.timestamp,
        )
        path = lineage(fresh.record)
        for subject in subjects:
            yield self._signals.message(
                self._signal(article, scores, subject, path),
                key=subject,
                event_id=f"{article.key}/{subject}",
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
        )

    def _signal(self, article: Article, scores: Scores, subject: str, path: str) -> Signal:
        return Signal(
            subject=subject,
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


def subjects_of(article: Article, topics: Mapping[str, float]) -> tuple[str, ...]:
    """What an article counts for: its companies, and the topics it is likely to be about."""
    companies = [f"company:{ticker}" for ticker in article.companies]
    return (*companies, *(f"topic:{name}" for name, p in topics.items() if p >= TOPIC_FLOOR))


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
