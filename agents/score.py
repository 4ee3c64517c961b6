"""Score: give each article scores, once, and send one signal for each of its subjects."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from agents.asking.circuit import CircuitSettings
from agents.asking.isolate_poison import Poison
from agents.scoring.answer_metrics import answer_samples
from agents.scoring.article_messages import Told, article_messages
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
from agents.scoring.revisions import tell_news
from agents.scoring.shadow_metrics import shadow_samples
from agents.scoring.subjects import subjects
from agents.scoring.unread import UnreadLog, unread_samples
from nlp.classifier import Classifier, Scores
from nlp.companies.finder import CompanyFinder
from nlp.drift.reference import Reference
from nlp.drift.window import DriftWindow
from schemas.metrics import processing as metrics
from schemas.metrics.processing import Sample
from streams.core.handler import Batch, Change, Decision, Handler, Rejection


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
        reference: Reference | None = None,
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
            reference: What the model says of ordinary news; without it no drift is measured.
        """
        self._scored = scored
        self._signals = signals
        self._model_id = classifier.model_id
        self._dedupe = dedupe
        self._companies = companies
        self._models = Models(classifier, companies, circuit or CircuitSettings(), fallback)
        self._prefetch = ModelPrefetch(self._models.reader, companies)
        self._unread = UnreadLog()
        self._drift = DriftWindow(reference) if reference else None

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
        compared, told, sources = list[Scores](), list[Told](), list[str]()
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
            model = scores.reader.model if scores.reader else text.fallback or self._model_id
            told.append(Told(new, text, scores, news, model))
            degraded += bool(text.fallback)
            if news.revision:
                decision.samples.append(Sample(metrics.REVISIONS, 1.0, (news.revision,)))
            if news.revision != "companies":
                compared.append(scores)
        decision.messages = article_messages(told, self._scored, self._signals)
        if copies:
            decision.samples.append(Sample(metrics.DUPLICATES, copies))
        if degraded:
            decision.samples.append(Sample(metrics.DEGRADED, degraded))
        decision.samples += [*shadow_samples(compared), *unread_samples(compared)]
        decision.samples += answer_samples(compared, self._drift)
        if decision.rejections:
            decision.accepted = Counter(sources)
        return decision

    def _poisoned(self, new: NewArticle, poison: Poison) -> Rejection:
        article, (cause, attempts) = new.article, poison
        return Rejection(
            new.record, "model", cause, article.key, self._model_id, attempts, article.source
        )
