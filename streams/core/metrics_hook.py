"""The port through which a stage tells what happened; who listens is the worker's business."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from schemas import metrics
from schemas.metrics import Sample
from streams.core.handler import Decision
from streams.core.record import Record

MetricsHook = Callable[[str, Iterable[Sample]], None]
"""Takes the name of a stage, and what happened there. Called in the event loop: it must be fast."""

_MILLISECONDS = 1000


def ignore_samples(stage: str, facts: Iterable[Sample]) -> None:
    """Nobody listens."""


def of_decision(records: Sequence[Record], decision: Decision) -> Iterator[Sample]:
    """What is to be told of one partition's records once the decision about them is committed."""
    yield from decision.samples
    for topic, count in Counter(message.topic for message in decision.messages).items():
        yield Sample(metrics.RECORDS_OUT, count, (topic,))
    for reason, count in Counter(it.reason for it in decision.rejections).items():
        yield Sample(metrics.DEAD_LETTERS, count, (reason,))
    if records:
        yield Sample(metrics.RECORDS_IN, len(records))
        yield Sample(metrics.LAST_RECORD, records[-1].timestamp / _MILLISECONDS)


def of_turn(records: int, seconds: float) -> Iterator[Sample]:
    """What is to be told of a turn as soon as it is over."""
    if records:
        yield Sample(metrics.BATCH_RECORDS, records)
        yield Sample(metrics.BATCH_SECONDS, seconds)
