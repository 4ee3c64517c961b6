"""Ingestion: whatever producers send becomes a validated article, or a dead letter."""

from collections.abc import Iterable, Sequence

from agents.outlet import RAW_PARTITION, Outlet
from schemas.article import Article
from schemas.incoming import cloudevents
from schemas.incoming.decode import MAX_BYTES, decode
from schemas.refusal import Refusal
from streams.core.handler import Batch, Change, Decision, Handler, Rejection
from streams.core.record import Message, Record


class Ingest(Handler[None]):
    """Reads `news.raw`, writes `news.accepted`, remembers nothing: duplicates pass.

    An accepted article keeps its record's timestamp, by which later stages measure windows.
    """

    def __init__(self, accepted: Outlet, max_bytes: int = MAX_BYTES) -> None:
        self._accepted = accepted
        self._max_bytes = max_bytes

    def recall(self, partition: int, entries: Iterable[Change]) -> None:
        """There is nothing to remember."""

    async def handle(self, batches: Sequence[Batch[None]]) -> Sequence[Decision]:
        """One message or one rejection a record."""
        return [self._decide(batch.records) for batch in batches]

    def _decide(self, records: Sequence[Record]) -> Decision:
        decision = Decision()
        for record in records:
            try:
                article = decode(record.value, record.headers, self._max_bytes)
            except Refusal as refusal:
                decision.rejections.append(Rejection(record, refusal.reason, refusal))
            else:
                decision.messages.append(self._message(article, record))
        return decision

    def _message(self, article: Article, record: Record) -> Message:
        came_from = (RAW_PARTITION, str(record.partition).encode())
        return self._accepted.message(
            article,
            key=article.key,
            event_id=article.key,
            time=article.published,
            extra=[came_from, *cloudevents.trace(record.headers)],
            timestamp=record.timestamp,
        )
