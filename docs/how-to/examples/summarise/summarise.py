"""Summarise: count each company's news of a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.daily_summary import DailySummary

from agents.event_message import event_message
from schemas.refusal import Refusal
from schemas.signal import Signal
from streams.core.handler import Batch, Change, Decision, Handler, Rejection

Summaries = dict[bytes, DailySummary]


@dataclass(frozen=True, slots=True)
class Summarise(Handler[Summaries]):
    """Reads `news.signals`, writes `news.summaries`."""

    summaries: str

    def recall(self, partition: int, entries: Iterable[Change]) -> Summaries:
        """Return the summaries that the changelog holds."""
        return {key: DailySummary.from_bytes(value) for key, value in entries if value}

    async def handle(self, batches: Sequence[Batch[Summaries]]) -> Sequence[Decision]:
        """Return a new summary for each signal about a company."""
        return [self._decide(batch) for batch in batches]

    def _decide(self, batch: Batch[Summaries]) -> Decision:
        decision, memory = Decision(), batch.memory
        for record in batch.records:
            try:
                signal = Signal.from_event(record.value, record.headers)
            except Refusal as refusal:
                decision.rejections.append(Rejection(record, refusal.reason, refusal))
                continue
            if not signal.subject.startswith("company:"):
                continue
            key = f"{signal.subject}/{signal.published.date()}"
            before = memory.get(key.encode())
            summary = memory[key.encode()] = DailySummary(
                subject=signal.subject,
                day=signal.published.date(),
                articles=before.articles + 1 if before else 1,
                negative=signal.negative + (before.negative if before else 0.0),
            )
            message = event_message(
                self.summaries,
                summary,
                key=key,
                event_id=f"{key}/{summary.articles}",
                time=signal.published,
            )
            decision.messages.append(message)
            decision.changes.append((key.encode(), summary.to_bytes()))
        return decision
