"""Ingest: turn what producers send into validated articles or dead letters."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from agents.event_message import event_message
from schemas.article import Article
from schemas.identity import HEADER, header_key
from schemas.incoming import cloudevents
from schemas.incoming.limits import MAX_AHEAD, MAX_BYTES
from schemas.incoming.profiles.profile import Profiles
from schemas.incoming.profiles.shipped import shipped
from schemas.incoming.reading import Refused, read_record
from schemas.refusal import Invalid
from schemas.sent_time import sent_at, sent_header
from schemas.signal import RAW_PARTITION_HEADER
from streams.core.handler import Batch, Change, Decision, Handler, Rejection
from streams.core.record import Headers, Message, Record
from streams.monitoring.tracing import TRACEPARENT, Tracing

_MILLISECONDS: Final = 1_000


@dataclass(slots=True, eq=False)
class Ingest(Handler[None]):
    """Reads `news.raw`, writes `news.accepted`, remembers nothing: duplicates pass.

    An accepted article carries the time of writing as its timestamp, so that retention can't delete
    it unread. The raw record's timestamp, by which `score` measures windows, goes into a header.

    Attributes:
        accepted: The full name of the topic of accepted articles.
        max_bytes: The largest value of a raw record that is accepted.
        profiles: The profiles that records are read with; those that are shipped if None.
        max_ahead: Time by which news may be dated after it was sent; what is dated later says so.
        tracing: Begins a trace where a producer did not; None if nobody wants one.
    """

    accepted: str
    max_bytes: int = MAX_BYTES
    profiles: Profiles | None = None
    max_ahead: timedelta = MAX_AHEAD
    tracing: Tracing | None = None

    def recall(self, partition: int, entries: Iterable[Change]) -> None:
        """Return no memory."""

    def trace_with(self, tracing: Tracing) -> None:
        """Begin traces from now on."""
        self.tracing = tracing

    async def handle(self, batches: Sequence[Batch[None]]) -> Sequence[Decision]:
        """Return one message or one rejection for each item of each record."""
        decisions = [Decision() for _ in batches]
        profiles, max_ahead = self.profiles or shipped(), self.max_ahead.total_seconds()
        for decision, batch in zip(decisions, batches, strict=True):
            # All are read before any is written, for the processor's caches (`article_messages`).
            accepted: list[tuple[Record, int, Article]] = []
            for record in batch.records:
                headers, sent = record.headers, sent_at(record.headers, record.timestamp)
                latest = sent / _MILLISECONDS + max_ahead if sent > 0 else math.inf
                results = read_record(
                    record.value, headers, profiles, record.topic, self.max_bytes, latest
                )
                for result in results:
                    if isinstance(result, Refused):
                        decision.rejections.append(_rejection(record, result))
                    else:
                        accepted.append((record, sent, result.struct))
            raw_partition = (RAW_PARTITION_HEADER, b"%d" % batch.partition)
            decision.messages = [self._message(raw_partition, *each) for each in accepted]
            if decision.rejections:
                decision.accepted = Counter(article.source for _, _, article in accepted)
        return decisions

    def _message(
        self, raw_partition: tuple[str, bytes], record: Record, sent: int, article: Article
    ) -> Message:
        trace = cloudevents.trace(record.headers)
        if self.tracing and not trace and (begun := self.tracing.begin(record)):
            trace = [(TRACEPARENT, begun)]
        return event_message(
            self.accepted,
            article,
            key=article.key,
            event_id=article.key,
            time=article.published,
            extra=[raw_partition, sent_header(sent), *trace],
        )


class _ItemRecord(NamedTuple):
    """One item of a record that holds several, as a record of its own, at the same offset."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes
    headers: Headers


def _rejection(record: Record, refused: Refused) -> Rejection:
    """Return the rejection of a record, or of one item alone, so that the others stay accepted."""
    reason, refusal = refused.refusal.reason, refused.refusal
    if refused.item is None:
        return Rejection(record, reason, refusal, source=refused.source)
    headers = [
        (name, _item_key(value, refused.item) if name.lower() == HEADER else value)
        for name, value in record.headers
    ]
    item = _ItemRecord(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        refused.value,
        headers,
    )
    return Rejection(item, reason, refusal, source=refused.source)


def _item_key(value: bytes, item: int) -> bytes:
    try:
        return header_key(value, item).encode()
    except Invalid:
        return value
