"""Detect: count signals in event-time order, and alert when a subject's news turns negative."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from agents.detecting.detector_state import DetectorState
from agents.detecting.late_signal_log import LateSignalLog
from agents.detecting.trace_book import TraceBook
from agents.event_message import event_message
from agents.silencing.silence_book import mark_silenced
from agents.silencing.silence_table import SilenceTable
from detection.rule import Rule
from schemas.alert import Alert
from schemas.metrics import processing as metrics
from schemas.metrics.processing import Sample
from schemas.refusal import Invalid, Refusal
from schemas.signal import Signal
from schemas.structs.codec import Reader
from streams.core.handler import Batch, Change, Decision, Handler, Rejection
from streams.core.record import Record
from streams.monitoring.tracing import TRACEPARENT, Tracing

_MILLISECONDS = 1000
_SIGNALS: Final = Reader(Signal)
_AHEAD_REMEDY: Final = (
    "send the time of publication, with its zone: it lies after the time of writing by more than "
    "detect.max_ahead, which a rehearsal with invented dates may raise"
)


class Detect(Handler[DetectorState]):
    """Reads `news.signals`, writes `alerts`.

    Each record is put in order and counted by itself, so alerts do not depend on how the log was
    cut into batches. Silences change none of them: an alert that is silenced when it is written has
    a header that says so (docs/decisions/0011-a-silence-is-a-mark.md).
    """

    def __init__(
        self, alerts: str, rule: Rule, lineages: int, silences: SilenceTable | None = None
    ) -> None:
        """Store the settings.

        Args:
            alerts: The full name of the topic of alerts.
            rule: The detection rule.
            lineages: The number of pairs of a raw and an accepted partition that a signal may
                have come through.
            silences: Knows who silenced what; None if nobody can.
        """
        self._silences = silences
        self._alerts = alerts
        self._rule = rule
        self._lineages = lineages
        self._late_signals = LateSignalLog()
        self._traces: TraceBook | None = None

    def trace_with(self, tracing: Tracing) -> None:
        """Remember the traces of signals from now on."""
        self._traces = TraceBook()

    def recall(self, partition: int, entries: Iterable[Change]) -> DetectorState:
        """Return the state of every subject; signals that wait are still to be reread."""
        return DetectorState(self._rule, self._lineages, entries)

    def forget_from(self, memory: DetectorState, position: int) -> None:
        """Forget what was set aside from ``position`` on; other signals will come there."""
        memory.forget_from(position)

    def reread_from(self, memory: DetectorState) -> int | None:
        """Return the offset of the oldest signal that waits."""
        return memory.oldest

    def rereads_all(self, memory: DetectorState) -> bool:
        """Return whether the memory is rebuilt, since another detector wrote it."""
        return memory.rebuild is not None

    def reread(self, memory: DetectorState, records: Sequence[Record]) -> None:
        """Put back the signals that have not been counted yet, or all if it is rebuilt."""
        for record in records:
            with suppress(Refusal):
                signal, sent = _SIGNALS.read(record.value, record.headers), _sent(record)
                if not memory.is_ahead(signal, sent):
                    memory.put_back(signal, sent, record.offset)
                    if self._traces:
                        self._traces.add(signal.key, record)

    async def handle(self, batches: Sequence[Batch[DetectorState]]) -> Sequence[Decision]:
        """Return alerts that fire, escalate or resolve, and one change for each changed subject."""
        decisions = [self._decide(batch) for batch in batches]
        if self._silences and any(decision.messages for decision in decisions):
            book = await self._silences.current()
            for batch, decision in zip(batches, decisions, strict=True):
                now = datetime.fromtimestamp(batch.now / _MILLISECONDS, UTC)
                decision.messages = mark_silenced(decision.messages, book, now)
        return decisions

    def _decide(self, batch: Batch[DetectorState]) -> Decision:
        decision, state = Decision(), batch.memory
        alerts, late_before = state.resume(), state.late
        if batch.records:
            state.silence.end(batch.now)
            alerts += self._count(batch, decision)
        else:
            alerts += state.wait(batch.now)

        links: dict[bytes, list[bytes]] = {}
        for alert in alerts:
            trace, *others = (self._traces and self._traces.of(alert)) or [b""]
            links |= {trace: others} if trace else {}
            message = event_message(
                self._alerts,
                alert,
                key=alert.subject,
                event_id=alert.event_id,
                time=alert.detected_at,
                extra=[(TRACEPARENT, trace)] if trace else (),
            )
            decision.messages.append(message)
            labels = (alert.status, alert.severity)
            decision.samples.append(Sample(metrics.ALERTS, 1.0, labels))
        decision.links = links
        decision.changes.extend(state.changes())

        late = state.late
        for kind, count, before in zip(late._fields, late, late_before, strict=True):
            if count > before:
                decision.samples.append(Sample(metrics.LATE_SIGNALS, count - before, (kind,)))
        if (delay := state.delay) is not None:
            decision.samples.append(Sample(metrics.WATERMARK_DELAY, delay))
        self._late_signals.log(batch)
        return decision

    def _count(self, batch: Batch[DetectorState], decision: Decision) -> list[Alert]:
        """Offer all signals to the detector; add rejections to ``decision``, return alerts."""
        state, alerts = batch.memory, list[Alert]()
        # All are read before any is counted, for the processor's caches (`article_messages`).
        signals, traces = _read(batch.records), self._traces
        for record, signal in zip(batch.records, signals, strict=True):
            sent = _sent(record)
            if isinstance(signal, Refusal):
                refusal = signal
            elif state.is_ahead(signal, sent):
                refusal = Invalid("published", "is too far in the future", _AHEAD_REMEDY)
            else:
                if traces:
                    traces.add(signal.key, record)
                alerts += state.offer(signal, sent, record.offset)
                continue
            state.set_aside(record.offset)
            decision.rejections.append(Rejection(record, refusal.reason, refusal))
        return alerts


def _sent(record: Record) -> float:
    """Return the Unix time at which a record was written."""
    return record.timestamp / _MILLISECONDS


def _read(records: Sequence[Record]) -> list[Signal | Refusal]:
    """Return the signal of each record, or why it can't be read."""
    signals: list[Signal | Refusal] = []
    for record in records:
        try:
            signals.append(_SIGNALS.read(record.value, record.headers))
        except Refusal as refusal:
            signals.append(refusal)
    return signals
