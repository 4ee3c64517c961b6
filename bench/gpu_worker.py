"""The agent `score`, given records from memory as by its pump."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from gpu_card import busy_share
from gpu_setup import Bench

from agents.score import Score
from agents.scoring.deduplicate import DedupeSettings
from nlp.companies.finder import CompanyFinder
from nlp.companies.settings import CompanySettings
from schemas.article import Article
from streams.core.handler import Batch
from streams.core.record import Stored

_PARTITIONS: Final = 4
_START: Final = datetime(2024, 1, 1, tzinfo=UTC)


async def feed(model: Any, texts: Sequence[str], size: int, bench: Bench) -> dict[str, Any]:
    """Return the articles a second in calls of so many, and how busy the card was.

    While one call is decided, the model reads the next one.

    Raises:
        SystemExit: the agent left an article out.
    """
    finder = CompanyFinder.load(CompanySettings())
    handler = Score("scored", "signals", model, DedupeSettings(), finder)
    memories = [handler.recall(partition, ()) for partition in range(_PARTITIONS)]
    calls = (
        [
            Batch(partition, part, memories[partition], 0)
            for partition, part in enumerate(by_partition)
        ]
        for by_partition in records(texts, size)
    )
    current = next(calls)
    await handler.handle(current)
    current, count = next(calls), 0
    handler.prefetch(current)
    with busy_share(bench.device) as busy:
        began = time.perf_counter()
        while time.perf_counter() - began < bench.turn:
            following = next(calls)
            handler.prefetch(following)
            decisions = await handler.handle(current)
            topics = [message.topic for each in decisions for message in each.messages]
            if topics.count("scored") != size:
                causes = [str(rejected.cause) for each in decisions for rejected in each.rejections]
                raise SystemExit(f"an article was not scored: {[*causes, 'it is a copy'][0]}")
            count, current = count + size, following
        rate = count / (time.perf_counter() - began)
    return {"rate": rate, "busy": busy()}


def records(texts: Sequence[str], size: int) -> Iterator[list[list[Stored]]]:
    """Yield the records of one call after the other, by partition; no article comes twice."""
    number, offsets = 0, [0] * _PARTITIONS
    while True:
        by_partition: list[list[Stored]] = [[] for _ in range(_PARTITIONS)]
        for number in range(number, number + size):  # noqa: B020 - it goes on where it ended
            partition = number % _PARTITIONS
            # Another word at the end: else the agent would know the headline again.
            key = f"{number}"
            article = Article(
                key=key,
                source="bench",
                headline=f"{texts[number % len(texts)]} {number // len(texts)}",
                published=_START + timedelta(seconds=number),
            )
            offset, value = offsets[partition], article.to_bytes()
            by_partition[partition].append(
                Stored("accepted", partition, offset, 0, key.encode(), value, ())
            )
            offsets[partition] += 1
        number += 1
        yield by_partition
