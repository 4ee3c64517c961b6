"""News apart from its copies, and from what is no article."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import NamedTuple

from agents.scoring.dedupe import SeenKeys
from schemas.article import Article
from schemas.refusal import Invalid, Refusal
from streams.core.handler import Batch, Rejection
from streams.core.record import Record

Place = tuple[int, int]
"""Partition and offset of a record: what lies there never changes."""
Taken = MutableMapping[tuple[int, bytes], int]
"""Partition and key of what was found fresh and is not remembered yet, with its timestamp."""


class NewArticle(NamedTuple):
    """A record that is no copy."""

    record: Record
    key: bytes
    article: Article

    @property
    def place(self) -> Place:
        """Where the record lies."""
        return self.record.partition, self.record.offset


@dataclass(slots=True)
class Deduplicated:
    """One batch, apart from its copies."""

    batch: Batch[SeenKeys]
    fresh: list[NewArticle] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    copies: int = 0


def deduplicate(
    batch: Batch[SeenKeys], taken: Taken, known: Mapping[Place, Article]
) -> Deduplicated:
    """Leave out copies: of what is remembered, and of what is ``taken`` already.

    ``known`` are articles that were read from their records before.
    """
    sifted = Deduplicated(batch)
    for record in batch.records:
        key = record.key or b""
        first = taken.get((batch.partition, key))
        if batch.memory.has(key, record.timestamp, first):
            sifted.copies += 1
            continue
        try:
            article = known.get((batch.partition, record.offset)) or _article(record)
        except Refusal as refusal:
            sifted.rejections.append(Rejection(record, refusal.reason, refusal))
        else:
            sifted.fresh.append(NewArticle(record, key, article))
            taken[batch.partition, key] = record.timestamp
    return sifted


def _article(record: Record) -> Article:
    if not record.key:
        raise Invalid("key", "is missing", "write accepted articles under their idempotency key")
    return Article.from_bytes(record.value)
