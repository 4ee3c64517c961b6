"""Score: give each article scores, once, and send one signal for each of its subjects."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from agents.asking.circuit import CircuitSettings
from agents.asking.isolate_poison import Poison
from agents.event_message import event_message
from agents.scoring.article_reader import ScoredText
from agents.scoring.deduplicate import (
    DedupeSettings,
    Deduplicated,
    NewArticle,
    PendingArticles,
    Position,
    SeenKeys,
    deduplicate,
)
from agents.scoring.model_prefetch import ModelPrefetch
from agents.scoring.models import Models
from agents.scoring.revisions import News, tell_news
from agents.scoring.scored_payload import scored_article, sentiment_fields, severity_of
from agents.scoring.shadow_metrics import shadow_samples
from agents.scoring.subjects import Subject, subjects
from agents.scoring.unread import UnreadLog, unread_samples
from detection.stories.formulas import story_of
from nlp.classifier import Classifier, Scores
from nlp.companies.finder import CompanyFinder
from schemas import metrics
from schemas.article import Article
from schemas.incoming import cloudevents
from schemas.metrics import Sample
from schemas.sent_time import sent_header
from schemas.signal import Signal, lineage
from streams.core.handler import Batch, Change, Decision, Handler, Rejection
from streams.core.record import Message


class Score(Handler[SeenKeys]):
    """Reads `news.accepted`, writes `news.scored` and one signal per subject to `news.signals`.

    Copies within the window are dropped; what a revision says anew counts
    (`agents.scoring.revisions`). All new articles of a call go to the model together, and those of
    the next call are prefetched meanwhile. A text that the model fails on alone is set aside and
    not remembered, so a replay scores it.

    Of a text that names several companies, a model that can be asked says what it thinks of each:
    a company's signal is about that company. Signals about topics have the sentiment of the text.

    While the model fails as a whole (`agents.asking.guarded_model`) nothing is set aside: the
    stage pauses, or a fallback scores and its articles are marked as degraded.

    All that it writes carries the time of writing as its timestamp, not the article's: the detector
    measures by it how long a lineage is idle, and a backlog being read is not idle.
    """

    def __init__(  # noqa: PLR0913 - two topics, and one argument for each table of settings
        self,
        scored: str,
        signals: str,
        classifier: Classifier,
        dedupe: DedupeSettings,
        companies: CompanyFinder | None = None,
        *,
        circuit: CircuitSettings | None = None,
        fallback: Classifier | None = None,
    ) -> None:
        """Store the settings.

        Args:
            scored: The full name of the topic of scored articles.
            signals: The full name of the topic of signals.
            classifier: The model.
            dedupe: The window of deduplication.
            companies: Finds companies in texts; without it only those that the producer gives
                are subjects.
            circuit: What is done while the model fails.
            fallback: The model that scores meanwhile; without it the stage pauses.
        """
        self._scored = scored
        self._signals = signals
        self._model_id = classifier.model_id
        self._dedupe = dedupe
        self._companies = companies
        self._models = Models(classifier, companies, circuit or CircuitSettings(), fallback)
        self._prefetch = ModelPrefetch(self._models.reader, companies)
        self._unread = UnreadLog()

    def recall(self, partition: int, entries: Iterable[Change]) -> SeenKeys:
        """Return the keys of articles that the partition has scored."""
        return SeenKeys(self._dedupe, entries)

    def prefetch(self, batches: Sequence[Batch[SeenKeys]]) -> None:
        """Have the model read the batches' new articles."""
        self._prefetch.start(batches)

    async def available(self) -> None:
        """Return once the model answers again."""
        await self._models.available()

    def obstacle(self) -> str:
        """Return what is wrong with the model."""
        return self._models.describe_problem()

    def is_occupied(self) -> bool:
        """Return whether a model is at work: one that hangs must not keep the process."""
        return self._models.is_occupied()

    def observe_with(self, observe: Callable[[Iterable[Sample]], None]) -> None:
        """Count the states of the circuit when they change."""
        self._models.observe_with(observe)

    async def handle(self, batches: Sequence[Batch[SeenKeys]]) -> Sequence[Decision]:
        """Return scored articles, signals and rejections.

        The memory changes only once the model has answered, because a poisoned article must not
        be remembered. So copies are dropped anew here, although prefetching has dropped some.
        """
        pending: PendingArticles = {}
        decoded = self._prefetch.claim(batches)
        deduplicated = [deduplicate(batch, pending, decoded, self._companies) for batch in batches]
        new = [article for batch in deduplicated for article in batch.new]
        answers = await self._prefetch.score(new)
        decisions = [self._decide(batch, answers) for batch in deduplicated]
        if decisions:  # a call of the model serves all batches; it is counted once
            decisions[0].samples += self._models.take_samples()
        for batch, decision in zip(batches, decisions, strict=True):
            self._unread.log(decision.samples, batch.now)
        return decisions

    def _decide(self, batch: Deduplicated, answers: Mapping[Position, ScoredText]) -> Decision:
        decision, copies, degraded = Decision(rejections=batch.rejections), batch.copies, 0
        compared: list[Scores] = []
        sources: list[str] = []
        for new in batch.new:
            text = answers[new.position]
            scores = text.scores
            if isinstance(scores, Poison):
                decision.rejections.append(self._poisoned(new, scores))
                continue
            sources.append(new.article.source)
            # One before this in its batch may have been set aside, or may have named the companies.
            known = batch.memory.get(new.key, new.sent)
            news = tell_news(new.said, known, subjects(text.companies, scores), new.sent)
            # What is unread counts for no company, so further companies are no news of it.
            if news is None or (scores.is_unread and news.revision == "companies"):
                copies += 1
                continue
            decision.changes.append(batch.memory.add(new.key, news.memory))
            decision.messages += self._messages(new, text, scores, news)
            degraded += bool(text.fallback)
            if news.revision:
                decision.samples.append(Sample(metrics.REVISIONS, 1.0, (news.revision,)))
            if news.revision != "companies":
                compared.append(scores)
        if copies:
            decision.samples.append(Sample(metrics.DUPLICATES, copies))
        if degraded:
            decision.samples.append(Sample(metrics.DEGRADED, degraded))
        decision.samples += [*shadow_samples(compared), *unread_samples(compared)]
        if decision.rejections:
            decision.accepted = Counter(sources)
        return decision

    def _poisoned(self, new: NewArticle, poison: Poison) -> Rejection:
        article, (cause, attempts) = new.article, poison
        return Rejection(
            new.record, "model", cause, article.key, self._model_id, attempts, article.source
        )

    def _messages(
        self, new: NewArticle, text: ScoredText, scores: Scores, news: News
    ) -> Iterator[Message]:
        article, record, (revision, subjects, _) = new.article, new.record, news
        answers, fallback = text.about, text.fallback
        trace, time = cloudevents.trace(record.headers), cloudevents.time_text(article.published)
        names = tuple(subject.name for subject in subjects)
        model = scores.reader.model if scores.reader else fallback or self._model_id
        yield event_message(
            self._scored,
            scored_article(
                article, scores, names, model, revision, answers, degraded=bool(fallback)
            ),
            key=article.key,
            event_id=f"{article.key}/{revision}/{new.said.record:08x}" if revision else article.key,
            time=time,
            extra=[sent_header(new.sent), *trace],
        )
        if not subjects:
            return
        origin = lineage(record.headers, record.partition)
        story = story_of(article.headline, article.published, article.companies)
        whole = signal(article, scores, subjects[0], model, origin, story)
        # The detector counts by time, key and subject: another order would be called late.
        for subject in sorted(subjects) if len(subjects) > 1 else subjects:
            payload = about(whole, subject, answers.get(subject.name))
            yield event_message(
                self._signals,
                payload,
                key=payload.subject,
                event_id=f"{article.key}/{payload.subject}",
                time=time,
                extra=trace,
            )


def signal(  # noqa: PLR0913, PLR0917 - a signal has that many sources
    article: Article, scores: Scores, subject: Subject, model: str, lineage: str, story: int
) -> Signal:
    """Return an article's signal about one subject, with the sentiment of the whole text.

    ``story`` is the headline's fingerprint. The fields are in the order of `Signal`, as that of
    the JSON follows it.
    """
    return Signal.of_valid(
        {
            "subject": subject.name,
            "key": article.key,
            "published": article.published,
            "negative": float(scores.negative),
            "neutral": float(scores.neutral),
            "positive": float(scores.positive),
            "headline": article.headline,
            "source": article.source,
            "model": model,
            "relevance": subject.relevance,
            "severity": severity_of(scores),
            "story": story,
            "lineage": lineage,
        }
    )


def about(signal: Signal, subject: Subject, answer: Scores | None = None) -> Signal:
    """Return an article's signal about a subject, given one about another.

    Args:
        signal: A signal of the article.
        subject: What the result is about.
        answer: The model's answer to the question about it, if it was asked; else the result has
            the sentiment of the whole text.
    """
    if subject.name == signal.subject and answer is None:
        return signal
    fields = signal.__dict__ | {"subject": subject.name, "relevance": subject.relevance}
    if answer is not None:
        fields |= {**sentiment_fields(answer), "severity": severity_of(answer)}
    return Signal.of_valid(fields)
