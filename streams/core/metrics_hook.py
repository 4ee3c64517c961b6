"""The port through which a stage tells what happened; who listens is the worker's business."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from schemas import metrics
from schemas.metrics import Fact
from streams.core.handler import Decision
from streams.core.record import Record

Observe = Callable[[str, Iterable[Fact]], None]
"""Takes the name of a stage, and what happened there. Called in the event loop: it must be fast."""

_MILLISECONDS = 1000


def ignore(stage: str, facts: Iterable[Fact]) -> None:
    """Nobody listens."""


def of_decision(records: Sequence[Record], decision: Decision) -> Iterator[Fact]:
    """What is to be told of one partition's records once the decision about them is committed."""
    yield from decision.facts
    for topic, count in Counter(message.topic for message in decision.messages).items():
        yield Fact(metrics.RECORDS_OUT, count, (topic,))
    for reason, count in Counter(it.reason for it in decision.rejections).items():
        yield Fact(metrics.DEAD_LETTERS, count, (reason,))
    if records:
        yield Fact(metrics.RECORDS_IN, len(records))
        yield Fact(metrics.LAST_RECORD, records[-1].timestamp / _MILLISECONDS)


def of_turn(records: int, seconds: float) -> Iterator[Fact]:
    """What is to be told of a turn as soon as it is over."""
    if records:
        yield Fact(metrics.BATCH_RECORDS, records)
        yield Fact(metrics.BATCH_SECONDS, seconds)
