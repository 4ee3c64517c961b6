"""Notify: tell people and programs of alerts, at least once, with a key that duplicates share."""

import random
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial

import structlog

from agents.notifying.courier import Courier
from agents.notifying.notice import AlertRecord
from agents.notifying.outbox import Outbox
from agents.notifying.planning import admit, hush, plan
from agents.notifying.routes import NotifySettings
from agents.notifying.settling import Report, settle
from agents.silencing.silence_book import SilenceBook
from agents.silencing.silence_table import SilenceTable
from schemas.alert import Alert
from schemas.metrics import processing as metrics
from schemas.metrics.condition import DELIVERY_SECONDS
from schemas.metrics.processing import Sample
from schemas.refusal import Refusal, bounded
from streams.core.errors import Misconfigured
from streams.core.handler import Batch, Change, Decision, Handler, Rejection
from streams.core.record import Stored

_log = structlog.get_logger(__name__)


class Undelivered(Exception):
    """A route was not told of an alert, and is not going to be."""


class Notify(Handler[Outbox]):
    """Reads `alerts`; what it writes are dead letters, and its memory.

    What is to be sent is committed first and sent then; what became of it comes back with a later
    call. So nothing is sent that a crash could make forgotten, and nothing is forgotten that was
    not sent (docs/decisions/0013-send-what-is-committed.md).
    """

    def __init__(
        self,
        alerts: str,
        settings: NotifySettings,
        courier: Courier | None,
        silences: SilenceTable | None = None,
    ) -> None:
        """Store the settings.

        Args:
            alerts: The full name of the topic of alerts.
            settings: The routes.
            courier: Sends what is planned; may be None if there are no routes.
            silences: Knows who silenced what; None if nobody can.

        Raises:
            Misconfigured: There are routes, and nobody who sends.
        """
        if settings.routes and courier is None:
            raise Misconfigured("there are routes of alerts, and nobody who sends")
        self._alerts = alerts
        self._routes = settings.routes
        self._max_age = settings.max_age // timedelta(milliseconds=1)
        self._courier = courier
        self._silences = silences
        self._random = random.Random()  # noqa: S311 - spreads attempts, and guards nothing

    def recall(self, partition: int, entries: Iterable[Change]) -> Outbox:
        """Return what the routes are still to be told; all of it is sent again."""
        return Outbox(self._routes, entries)

    async def handle(self, batches: Sequence[Batch[Outbox]]) -> Sequence[Decision]:
        """Return the changes of the memory, and what is to be sent once they are committed."""
        book = None
        if self._silences and any(batch.records or batch.memory.is_busy() for batch in batches):
            book = await self._silences.current()
        return [self._decide(batch, book) for batch in batches]

    def _decide(self, batch: Batch[Outbox], book: SilenceBook | None) -> Decision:
        decision, outbox, too_old = Decision(), batch.memory, 0
        for record in batch.records:
            try:
                alert = Alert.from_event(record.value, record.headers)
            except Refusal as refusal:
                decision.rejections.append(Rejection(record, refusal.reason, refusal))
                continue
            # The end of what a route was told is told, however late.
            if alert.status == "resolved" or record.timestamp >= batch.now - self._max_age:
                admit(outbox, self._routes, alert, batch.now, AlertRecord.of(record))
            else:
                too_old += 1
        if too_old:
            _log.warning("alerts are too old to be told", partition=batch.partition, count=too_old)
        if self._courier:
            for report in self._courier.reports(batch.partition):
                self._settle(batch, report, decision)
            if book:
                hush(outbox, book, batch.now)
            if deliveries := plan(outbox, self._routes, batch.partition, batch.now, book):
                decision.after_commit = partial(self._courier.send, deliveries)
        decision.changes.extend(outbox.changes())
        if decision.changes:
            decision.samples += [
                Sample(metrics.NOTICES_WAITING, len(state.notices), (name,))
                for name, state in outbox.routes.items()
            ]
        return decision

    def _settle(self, batch: Batch[Outbox], report: Report, decision: Decision) -> None:
        """Write down what became of a delivery; what is given up becomes a dead letter."""
        (delivery, outcome, seconds), luck = report, self._random.random()
        labels = (delivery.route, outcome.verdict)
        decision.samples.append(Sample(metrics.NOTIFICATIONS, 1.0, labels))
        decision.samples.append(Sample(DELIVERY_SECONDS, seconds, (delivery.route,)))
        given_up = settle(batch.memory, self._routes, report, batch.now, luck)
        if outcome.verdict != "delivered":
            _log.warning(
                "not delivered",
                route=delivery.route,
                key=delivery.key,
                attempt=delivery.attempt,
                problem=outcome.problem,
                given_up=len(given_up),
            )
        for notice, record in given_up:
            problem = bounded(f"route {delivery.route} was not told: {outcome.problem}")
            decision.rejections.append(
                Rejection(
                    Stored(self._alerts, batch.partition, *record.for_route(delivery.route)),
                    "undelivered",
                    Undelivered(problem),
                    idempotency_key=notice.id,
                    attempts=delivery.attempt,
                    source=delivery.route,
                )
            )
