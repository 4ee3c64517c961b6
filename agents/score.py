"""Scoring: every article once, in batches as large as what has gathered."""

from collections.abc import Iterable, Iterator, Sequence

from agents.outlet import Outlet, lineage
from agents.scoring.dedupe import DedupeSettings, SeenKeys
from agents.scoring.deduplicate import Deduplicated, NewArticle, Taken, deduplicate
from agents.scoring.isolate_poison import Poison
from agents.scoring.model_prefetch import ModelPrefetch, ScoredText
from agents.scoring.shadow_metrics import ShadowComparison
from agents.scoring.subjects import Subject, subjects
from detection.stories.simhash import fingerprint
from nlp.classifier import Classifier, Scores
from nlp.companies.finder import CompanyFinder
from schemas import metrics
from schemas.article import Article
from schemas.incoming import cloudevents
from schemas.metrics import Sample
from schemas.scored import ScoredArticle, Sentiment, ShadowScore
from schemas.signal import Signal
from streams.core.handler import Batch, Change, Decision, Handler, Rejection
from streams.core.record import Message


class Score(Handler[SeenKeys]):
    """Reads `news.accepted`, writes `news.scored` and one signal per subject to `news.signals`.

    Copies within the window are dropped. All fresh articles of a call go to the model together,
    and those of the next call are begun meanwhile. A text that the model fails on alone is set
    aside and not remembered, so a replay scores it. ``patience`` is that of `ModelPrefetch`.
    Without ``companies`` to find, only those count that the producer gives.

    Signals carry the time of sending as their timestamp, not the article's: the detector takes a
    lineage for idle by it, and a backlog being read is not idle.
    """

    def __init__(  # noqa: PLR0913 - two ways out, and one for each part of the settings
        self,
        scored: Outlet,
        signals: Outlet,
        classifier: Classifier,
        dedupe: DedupeSettings,
        companies: CompanyFinder | None = None,
        *,
        patience: float = 30.0,
    ) -> None:
        self._scored = scored
        self._signals = signals
        self._classifier = classifier
        self._dedupe = dedupe
        self._reading = ModelPrefetch(classifier, companies, patience)

    def recall(self, partition: int, entries: Iterable[Change]) -> SeenKeys:  # noqa: ARG002
        """Which articles the partition has scored already."""
        return SeenKeys(self._dedupe, entries)

    def prefetch(self, batches: Sequence[Batch[SeenKeys]]) -> None:
        """Have the model read what comes next."""
        self._reading.begin(batches)

    async def handle(self, batches: Sequence[Batch[SeenKeys]]) -> Sequence[Decision]:
        """Sift, read, then decide: memory changes only once the model has answered."""
        taken: Taken = {}
        known = self._reading.known(batches)
        sifted = [deduplicate(batch, taken, known) for batch in batches]
        fresh = [it for found in sifted for it in found.fresh]
        answers = iter(await self._reading.answers(fresh))
        decisions = [self._decide(found, answers) for found in sifted]
        if decisions:
            took = self._reading.took()
            decisions[0].samples.extend(Sample(metrics.MODEL_SECONDS, seconds) for seconds in took)
        return decisions

    def _decide(self, sifted: Deduplicated, answers: Iterator[ScoredText]) -> Decision:
        decision = Decision(rejections=sifted.rejections)
        if sifted.copies:
            decision.samples.append(Sample(metrics.DUPLICATES, sifted.copies))
        comparison = ShadowComparison()
        for fresh in sifted.fresh:
            scores, found = next(answers)
            if isinstance(scores, Poison):
                decision.rejections.append(self._poisoned(fresh, scores))
                continue
            decision.changes.append(sifted.batch.memory.add(fresh.key, fresh.record.timestamp))
            decision.messages.extend(self._messages(fresh, scores, subjects(found, scores)))
            comparison.add(scores)
        decision.samples.extend(comparison.facts())
        return decision

    def _poisoned(self, fresh: NewArticle, poison: Poison) -> Rejection:
        model = self._classifier.model_id
        key = fresh.article.key
        return Rejection(fresh.record, "model", poison.cause, key, model, poison.attempts)

    def _messages(
        self, fresh: NewArticle, scores: Scores, about: tuple[Subject, ...]
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
        if not about:
            return
        path, story = lineage(fresh.record), fingerprint(article.headline)
        for subject in about:
            yield self._signals.message(
                signal(article, scores, subject, self._classifier.model_id, path, story),
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


def signal(  # noqa: PLR0913, PLR0917 - what a signal is made of
    article: Article, scores: Scores, subject: Subject, model: str, path: str, story: int
) -> Signal:
    """What an article says of one of its subjects; ``path`` is its lineage."""
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
        model=model,
        story=story,
        lineage=path,
    )


def _shadow(scores: Scores) -> ShadowScore | None:
    said = scores.shadow
    if said is None:
        return None
    sentiment = Sentiment(negative=said.negative, neutral=said.neutral, positive=said.positive)
    return ShadowScore(model=said.model, sentiment=sentiment, topics=dict(said.topics))
