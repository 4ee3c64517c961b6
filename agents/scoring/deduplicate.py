"""Drop copies of articles that a partition has scored within the window.

A record of a known article is no copy if it names further companies or has another headline: then
it is a revision, and what is new of it counts.
"""

import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Final

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from agents.scoring.article_memory import ArticleMemory, bytes_mark, read, sent_of, spell
from agents.scoring.revisions import Said
from nlp.companies.finder import CompanyFinder
from schemas.article import Article
from schemas.refusal import Invalid, Refusal
from schemas.sent_time import sent_at
from schemas.structs.codec import Reader
from streams.core.handler import Batch, Change, Rejection
from streams.core.record import Record

_MILLISECOND = timedelta(milliseconds=1)
_ARTICLES: Final = Reader(Article)

Position = tuple[int, int]
"""Partition and offset of a record. The record at a position never changes."""


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
        description="Articles remembered per partition, the oldest go first; about 300 bytes each.",
    )


class SeenKeys:
    """Articles of one partition by idempotency key: when each was sent, and what it has said.

    Looking up, adding and forgetting are O(1). Time is that of producers, never the wall clock, so
    a replayed log gives the same duplicates. Neither a copy nor a revision prolongs the window.
    """

    def __init__(self, dedupe: DedupeSettings, entries: Iterable[Change] = ()) -> None:
        """Remember the articles that ``entries`` of the changelog have not deleted."""
        self._window = dedupe.window // _MILLISECOND
        self._max_keys = dedupe.max_keys
        # A plain dict scans its deleted slots for the first entry: O(n) once many have gone.
        self._packed: OrderedDict[bytes, bytes] = OrderedDict()
        self._next_expiry = -math.inf
        for key, value in entries:
            if value is not None:
                packed = read(value)
                self._put(key, packed, sent_of(packed))

    def __len__(self) -> int:
        return len(self._packed)

    def get(self, key: bytes, sent: int) -> ArticleMemory | None:
        """Return the article with ``key``, if a record sent then (ms) is within its window."""
        packed = self._packed.get(key)
        if packed is None or sent - sent_of(packed) >= self._window:
            return None
        return ArticleMemory.unpack(packed)

    def within(self, article: ArticleMemory, sent: int) -> ArticleMemory | None:
        """Return ``article`` if a record sent then (ms) is within its window."""
        return article if sent - article.sent < self._window else None

    def add(self, key: bytes, article: ArticleMemory) -> Change:
        """Remember an article, forget what has expired or is too much; return the entry.

        Forgotten keys need no tombstones: recalling the changelog forgets them again.
        """
        packed = article.pack()
        self._put(key, packed, article.sent)
        return key, spell(packed)

    def _put(self, key: bytes, packed: bytes, sent: int) -> None:
        articles = self._packed
        if key in articles:
            articles.move_to_end(key)
            self._next_expiry = -math.inf  # it may have been the oldest
        articles[key] = packed
        if sent >= self._next_expiry or len(articles) > self._max_keys:
            self._forget(sent)

    def _forget(self, sent: int) -> None:
        """Forget what is expired at that time (ms), and what is too much."""
        articles = self._packed
        while articles:
            self._next_expiry = sent_of(next(iter(articles.values()))) + self._window
            if len(articles) <= self._max_keys and sent < self._next_expiry:
                break
            articles.popitem(last=False)


class NewArticle(msgspec.Struct, frozen=True, gc=False):
    """An article that is no copy, with the record that it came in.

    Attributes:
        position: Where the record stands.
        key: The idempotency key.
        record: The record of `news.accepted`.
        article: What it holds.
        sent: When it was sent, milliseconds.
        said: What it says, as marks.
    """

    position: Position
    key: bytes
    record: Record
    article: Article
    sent: int
    said: Said


class Pending(msgspec.Struct, frozen=True, gc=False):
    """An article that is new or revised, and not yet remembered as such.

    Attributes:
        known: What was known of the article before.
        new: The record that says more.
    """

    known: ArticleMemory | None
    new: NewArticle

    def as_known(self) -> ArticleMemory:
        """Return the article as it is known once the record is scored, without its topics."""
        said = self.new.said
        marks = (said.record, said.headline, *said.companies())
        return (self.known or ArticleMemory(self.new.sent)).with_marks(marks)


PendingArticles = dict[tuple[int, bytes], Pending]
"""Partition and key of articles, and what is not yet remembered of them."""


@dataclass(slots=True)
class Deduplicated:
    """The records of one batch: new and revised articles, rejections, and the number of copies."""

    memory: SeenKeys
    new: list[NewArticle] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    copies: int = 0


def deduplicate(
    batch: Batch[SeenKeys],
    pending: PendingArticles,
    decoded: Mapping[Position, NewArticle],
    finder: CompanyFinder | None = None,
    earlier: Sequence[PendingArticles] = (),
) -> Deduplicated:
    """Separate new and revised articles from copies of remembered and ``pending`` ones.

    The new ones are added to ``pending``; the batch's memory stays as it is. A copy of the same
    bytes is recognised without being decoded.

    Args:
        batch: Records of `news.accepted`.
        pending: Articles that are not in the memory yet.
        decoded: Articles that were decoded before, which need not be decoded again.
        finder: What knows the tickers of the companies that producers give.
        earlier: The pending articles of batches before this one, the latest first.
    """
    result, memory = Deduplicated(batch.memory), batch.memory
    for record in batch.records:
        key, position = record.key or b"", (batch.partition, record.offset)
        new = decoded.get(position)
        sent = new.sent if new else sent_at(record.headers, record.timestamp)
        before = pending.get((batch.partition, key))
        for others in earlier:  # a ChainMap takes five times as long
            if before is not None:
                break
            before = others.get((batch.partition, key))
        known = memory.get(key, sent) if before is None else memory.within(before.as_known(), sent)
        if known is not None and (known.is_full or bytes_mark(record.value) in known.marks):
            result.copies += 1
            continue
        if new is None:
            try:
                new = _decode(record, position, key, sent, finder)
            except Refusal as refusal:
                result.rejections.append(Rejection(record, refusal.reason, refusal))
                continue
        if known is not None and new.said.revises(known) is None:
            result.copies += 1
            continue
        result.new.append(new)
        pending[batch.partition, key] = Pending(known, new)
    return result


def _decode(
    record: Record, position: Position, key: bytes, sent: int, finder: CompanyFinder | None
) -> NewArticle:
    if not key:
        remedy = "write accepted articles under their idempotency key"
        raise Invalid("key", "is missing", remedy)
    article = _ARTICLES.read(record.value, record.headers)
    said = Said.by(record.value, article, finder)
    return NewArticle(position, key, record, article, sent, said)
