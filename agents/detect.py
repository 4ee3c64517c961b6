"""Detection: signals in event-time order, and an alert when a subject's news turns negative."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from agents.detecting.detector_state import DetectorState
from agents.detecting.late_signal_log import Late, LateSignalLog, late
from agents.outlet import Outlet
from detection.rule import Rule
from schemas import metrics
from schemas.alert import Alert
from schemas.metrics import Sample
from schemas.refusal import Invalid, Refusal
from schemas.signal import Signal
from streams.core.handler import Batch, Change, Decision, Handler, Rejection
from streams.core.record import Message, Record

_MILLISECONDS = 1000


class Detect(Handler[DetectorState]):
    """Reads `news.signals`, writes `alerts`.

    ``lineages`` is the number of paths by which a signal may come: partitions of `news.raw` times
    partitions of `news.accepted`. Each record is put in order and counted by itself, so alerts
    do not depend on how the log was cut into batches.
    """

    def __init__(self, alerts: Outlet, rule: Rule, lineages: int) -> None:
        self._alerts = alerts
        self._rule = rule
        self._lineages = lineages
        self._latecomers = LateSignalLog()

    def recall(self, partition: int, entries: Iterable[Change]) -> DetectorState:  # noqa: ARG002
        """Every subject of the partition; the signals that wait are read again."""
        return DetectorState(self._rule, self._lineages, entries)

    def forget_from(self, memory: DetectorState, position: int) -> None:
        """Forget what was set aside from ``position`` on; other signals will come there."""
        memory.forget_from(position)

    def reread_from(self, memory: DetectorState) -> int | None:
        """The oldest signal that waits."""
        return memory.oldest

    def reread(self, memory: DetectorState, records: Sequence[Record]) -> None:
        """Those of the signals that have not been counted wait again."""
        for record in records:
            with suppress(Refusal):
                memory.put_back(Signal.from_bytes(record.value), record.offset)

    async def handle(self, batches: Sequence[Batch[DetectorState]]) -> Sequence[Decision]:
        """Alerts that begin, grow or end; one change for each subject that was touched."""
        return [self._decide(batch) for batch in batches]

    def _decide(self, batch: Batch[DetectorState]) -> Decision:
        decision, before = Decision(), late(batch.memory)
        if batch.records:
            self._read(batch, decision)
        else:
            self._report(batch.memory.wait(batch.now), decision)
        decision.changes.extend(batch.memory.changes())
        decision.samples.extend(_facts(batch.memory, before))
        self._latecomers.tell(batch)
        return decision

    def _read(self, batch: Batch[DetectorState], decision: Decision) -> None:
        batch.memory.silence.end(batch.now)
        for record in batch.records:
            try:
                alerts = _offer(batch.memory, record)
            except Refusal as refusal:
                batch.memory.set_aside(record.offset)
                decision.rejections.append(Rejection(record, refusal.reason, refusal))
                continue
            if alerts:
                self._report(alerts, decision)

    def _report(self, alerts: Iterable[Alert], decision: Decision) -> None:
        for alert in alerts:
            decision.messages.append(self._message(alert))
            decision.samples.append(Sample(metrics.ALERTS, 1.0, (alert.status, alert.severity)))

    def _message(self, alert: Alert) -> Message:
        return self._alerts.message(
            alert,
            key=alert.subject,
            event_id=_event_id(alert),
            time=alert.detected_at,
        )


def _offer(watch: DetectorState, record: Record) -> list[Alert]:
    signal, sent = Signal.from_bytes(record.value), record.timestamp / _MILLISECONDS
    if watch.is_ahead(signal, sent):
        remedy = "send the time of publication, with its zone; day and month may be swapped"
        raise Invalid("published", "lies more than a day after it was sent", remedy)
    return watch.offer(signal, sent, record.offset)


def _facts(watch: DetectorState, before: Late) -> Iterator[Sample]:
    for kind, now, then in zip(Late._fields, late(watch), before, strict=True):
        if now > then:
            yield Sample(metrics.LATE_SIGNALS, now - then, (kind,))
    if (delay := watch.delay) is not None:
        yield Sample(metrics.WATERMARK_DELAY, delay)


def _event_id(alert: Alert) -> str:
    """One alert escalates once at most to each severity, and once by becoming a discovery."""
    if alert.status != "escalated":
        return f"{alert.id}.{alert.status}"
    return f"{alert.id}.escalated.{alert.severity}{'.discovery' * alert.discovery}"
