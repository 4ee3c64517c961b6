"""Drop copies of articles that a partition has scored within the window."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from schemas.article import Article
from schemas.refusal import Invalid, Refusal
from schemas.sent_time import sent_at
from streams.core.handler import Batch, Change, Rejection
from streams.core.record import Record

_MILLISECOND = timedelta(milliseconds=1)

Position = tuple[int, int]
"""Partition and offset of a record. The record at a position never changes."""
PendingKeys = MutableMapping[tuple[int, bytes], int]
"""Partition and key of new articles that are not yet remembered, to when they were sent (ms)."""


class DedupeSettings(BaseModel):
    """The window within which articles are remembered. A forgotten article is scored again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window: Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=3650))] = Field(
        default=timedelta(days=7),
        description="A copy that comes later than this after the first counts as news.",
    )
    max_keys: int = Field(
        default=1_000_000,
        ge=1,
        le=1_000_000_000,
        description="Articles remembered per partition, the oldest go first; about 250 bytes each.",
    )


class SeenKeys:
    """Idempotency keys of one partition, each with the time (ms) at which it was sent.

    Looking up, adding and forgetting are O(1). Time is that of producers, never the wall clock, so
    a replayed log gives the same duplicates. A copy does not prolong the window.
    """

    def __init__(self, dedupe: DedupeSettings, entries: Iterable[Change] = ()) -> None:
        """Remember the keys that ``entries`` of the changelog have not deleted."""
        self._window = dedupe.window // _MILLISECOND
        self._max_keys = dedupe.max_keys
        # A plain dict scans its deleted slots for the first entry: O(n) once many have gone.
        self._timestamps: OrderedDict[bytes, int] = OrderedDict()
        for key, value in entries:
            if value is not None:
                self.add(key, int(value))

    def __len__(self) -> int:
        return len(self._timestamps)

    def has(self, key: bytes, timestamp: int, pending: int | None = None) -> bool:
        """Return whether a record of ``timestamp`` (ms) with ``key`` is a copy.

        ``pending`` is the timestamp of an equal key that is new but not yet added.
        """
        first = self._timestamps.get(key) if pending is None else pending
        return first is not None and timestamp - first < self._window

    def add(self, key: bytes, timestamp: int) -> Change:
        """Remember ``key``, forget what has expired or is too much; return the changelog's entry.

        Forgotten keys need no tombstones: recalling the changelog forgets them again.
        """
        timestamps = self._timestamps
        timestamps[key] = timestamp
        timestamps.move_to_end(key)
        while (
            len(timestamps) > self._max_keys
            or timestamp - next(iter(timestamps.values())) >= self._window
        ):
            timestamps.popitem(last=False)
        return key, b"%d" % timestamp


class NewArticle(NamedTuple):
    """An article that is no copy, with the record that it came in, and when it was sent (ms)."""

    position: Position
    key: bytes
    record: Record
    article: Article
    sent: int


@dataclass(slots=True)
class Deduplicated:
    """The records of one batch: new articles, rejections, and the number of copies."""

    memory: SeenKeys
    new: list[NewArticle] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    copies: int = 0


def deduplicate(
    batch: Batch[SeenKeys], pending: PendingKeys, decoded: Mapping[Position, Article]
) -> Deduplicated:
    """Separate a batch's new articles from copies of remembered and ``pending`` ones.

    The new articles are added to ``pending``; the batch's memory stays as it is.

    Args:
        batch: Records of `news.accepted`.
        pending: Keys of new articles that are not in the memory yet.
        decoded: Articles that were decoded before, which need not be decoded again.
    """
    result = Deduplicated(batch.memory)
    for record in batch.records:
        key, position = record.key or b"", (batch.partition, record.offset)
        sent = sent_at(record.headers, record.timestamp)
        if batch.memory.has(key, sent, pending.get((batch.partition, key))):
            result.copies += 1
            continue
        try:
            if not key:
                remedy = "write accepted articles under their idempotency key"
                raise Invalid("key", "is missing", remedy)
            article = decoded.get(position) or Article.from_event(record.value, record.headers)
        except Refusal as refusal:
            result.rejections.append(Rejection(record, refusal.reason, refusal))
        else:
            result.new.append(NewArticle(position, key, record, article, sent))
            pending[batch.partition, key] = sent
    return result
