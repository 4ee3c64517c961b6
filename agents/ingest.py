"""Ingest: turn what producers send into validated articles or dead letters."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.event_message import event_message
from schemas.incoming import cloudevents
from schemas.incoming.decode import MAX_BYTES, claimed_source, decode
from schemas.refusal import Refusal
from schemas.sent_time import sent_at, sent_header
from schemas.signal import RAW_PARTITION_HEADER
from streams.core.handler import Batch, Change, Decision, Handler, Rejection


@dataclass(frozen=True, slots=True)
class Ingest(Handler[None]):
    """Reads `news.raw`, writes `news.accepted`, remembers nothing: duplicates pass.

    An accepted article carries the time of writing as its timestamp, so that retention can't delete
    it unread. The raw record's timestamp, by which `score` measures windows, goes into a header.

    Attributes:
        accepted: The full name of the topic of accepted articles.
        max_bytes: The largest value of a raw record that is accepted.
    """

    accepted: str
    max_bytes: int = MAX_BYTES

    def recall(self, partition: int, entries: Iterable[Change]) -> None:
        """Return no memory."""

    async def handle(self, batches: Sequence[Batch[None]]) -> Sequence[Decision]:
        """Return one message or one rejection for each record."""
        decisions = [Decision() for _ in batches]
        for decision, batch in zip(decisions, batches, strict=True):
            sources: list[str] = []
            for record in batch.records:
                try:
                    article = decode(record.value, record.headers, self.max_bytes)
                except Refusal as refusal:
                    source = claimed_source(record.value, record.headers, self.max_bytes)
                    rejection = Rejection(record, refusal.reason, refusal, source=source)
                    decision.rejections.append(rejection)
                    continue
                sent = sent_header(sent_at(record.headers, record.timestamp))
                raw_partition = (RAW_PARTITION_HEADER, b"%d" % record.partition)
                message = event_message(
                    self.accepted,
                    article,
                    key=article.key,
                    event_id=article.key,
                    time=article.published,
                    extra=[raw_partition, sent, *cloudevents.trace(record.headers)],
                )
                decision.messages.append(message)
                sources.append(article.source)
            if decision.rejections:
                decision.accepted = Counter(sources)
        return decisions
