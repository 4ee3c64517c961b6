"""The hook through which a stage reports metrics; the worker decides who listens."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from schemas.metrics import processing as metrics
from schemas.metrics.processing import Origin, Sample
from streams.core.handler import Decision
from streams.core.record import Record

MetricsHook = Callable[[str, Iterable[Sample]], None]
"""Receives the name of a stage and its samples. It is called in the event loop: it must be fast."""

_MILLISECONDS = 1000


def ignore_samples(stage: str, samples: Iterable[Sample]) -> None:
    """Drop the samples, in a worker without metrics."""


def fan_out(hooks: Sequence[MetricsHook]) -> MetricsHook:
    """Return a hook that passes the samples to each of ``hooks``."""

    def observe(stage: str, samples: Iterable[Sample]) -> None:
        samples = tuple(samples)
        for hook in hooks:
            hook(stage, samples)

    return observe


def decision_samples(
    records: Sequence[Record], decision: Decision, traces: tuple[str, ...] = ()
) -> Iterator[Sample]:
    """Yield the samples of one partition's records, to be counted when they are committed.

    ``traces`` are ids of traces that the records belong to.
    """
    yield from decision.samples
    for topic, count in Counter(message.topic for message in decision.messages).items():
        yield Sample(metrics.RECORDS_OUT, count, (topic,))
    for reason, count in Counter(rejection.reason for rejection in decision.rejections).items():
        first = next(other.record for other in decision.rejections if other.reason == reason)
        yield Sample(metrics.DEAD_LETTERS, count, (reason,), _place(first))
    if records:
        yield Sample(metrics.RECORDS_IN, len(records), (), _place(records[0]), traces)
        yield Sample(metrics.LAST_RECORD, records[-1].timestamp / _MILLISECONDS)


def _place(record: Record) -> Origin:
    return Origin(record.topic, record.partition, record.offset)
