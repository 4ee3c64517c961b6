"""The courier: renders what is planned, sends it, and reports what became of it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import orjson
import structlog

from agents.notifying.notice import Delivery
from agents.notifying.receivers.alertmanager import alertmanager_alerts
from agents.notifying.receivers.mail import mail
from agents.notifying.receivers.pagerduty import pagerduty_event
from agents.notifying.receivers.slack import slack_message
from agents.notifying.receivers.webhook import webhook_body, webhook_headers
from agents.notifying.retrying import Outcome
from agents.notifying.routes import (
    AlertmanagerRoute,
    EmailRoute,
    NotifySettings,
    PagerDutyRoute,
    SlackRoute,
    WebhookRoute,
)
from agents.notifying.settling import Report
from infra.notifying.mail_sender import send_mail
from infra.notifying.secrets import with_secrets
from infra.notifying.web_sender import Request, WebSender
from streams.core.errors import Misconfigured
from streams.monitoring.tracing import TRACEPARENT, Tracing

_log = structlog.get_logger(__name__)
ALERTS_PATH: Final = "/api/v2/alerts"


class WebCourier:
    """Sends deliveries over HTTP and SMTP, each in a task of its own.

    See `agents.notifying.courier.Courier`. The routes must have their secrets
    (`infra.notifying.secrets`).
    """

    def __init__(
        self, settings: NotifySettings, user_agent: str, tracing: Tracing | None = None
    ) -> None:
        self._settings = settings
        self._tracing = tracing
        self._web = WebSender(user_agent)
        self._reports: dict[int, list[Report]] = defaultdict(list)
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, deliveries: Sequence[Delivery]) -> None:
        """Start to send ``deliveries``; return at once."""
        for delivery in deliveries:
            task = asyncio.create_task(self._send(delivery), name=f"deliver {delivery.key}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def reports(self, partition: int) -> list[Report]:
        """Return the ends of deliveries of one partition since the last call."""
        return self._reports.pop(partition, [])

    async def deliver(self, delivery: Delivery) -> Outcome:
        """Send one delivery and return what came of it."""
        if self._tracing is None:
            return await self._deliver(delivery, {})
        origins = [notice.record.headers for notice in delivery.notices if notice.record]
        sending = self._tracing.start(f"deliver {delivery.route}", origins)
        trace = {TRACEPARENT: sending.traceparent.decode()} if sending.traceparent else {}
        outcome = await self._deliver(delivery, trace)
        sending.end(outcome.problem)
        return outcome

    async def _deliver(self, delivery: Delivery, trace: Mapping[str, str]) -> Outcome:
        """Send one delivery, with the headers of its trace where it goes over HTTP."""
        route, now = self._settings.routes[delivery.route], datetime.now(UTC)
        page = self._settings.page
        if isinstance(route, EmailRoute):
            return await send_mail(route, mail(route, delivery, now, page))
        request = request_of(route, delivery, now, page)
        return await self._web.send(request._replace(headers={**request.headers, **trace}))

    async def _send(self, delivery: Delivery) -> None:
        begin = time.monotonic()
        try:
            outcome = await self.deliver(delivery)
        except Exception as error:  # noqa: BLE001 - a defect of ours must not stop other routes
            _log.exception("a delivery failed in an unknown way", route=delivery.route)
            outcome = Outcome("retry", f"unknown failure: {type(error).__name__}")
        seconds = time.monotonic() - begin
        self._reports[delivery.partition].append(Report(delivery, outcome, seconds))


def make_courier(
    settings: NotifySettings, version: str, tracing: Tracing | None = None
) -> WebCourier:
    """Return a courier for the routes of ``settings``, with what their files hold.

    Raises:
        Misconfigured: There is no route, or a file of a secret can't be read.
    """
    if not settings.routes:
        raise Misconfigured("notify would tell nobody: set notify.routes, see docs/notify.md")
    return WebCourier(with_secrets(settings), f"newsquake/{version}", tracing)


def request_of(
    route: AlertmanagerRoute | SlackRoute | PagerDutyRoute | WebhookRoute,
    delivery: Delivery,
    now: datetime,
    page: str,
) -> Request:
    """Return the request that tells the receiver of ``route`` what is in ``delivery``."""
    url, headers = route.url.get_secret_value(), {"idempotency-key": delivery.key}
    if isinstance(route, AlertmanagerRoute):
        url = url.rstrip("/").removesuffix(ALERTS_PATH) + ALERTS_PATH
        content = alertmanager_alerts(route, delivery.notices, delivery.heard, now, page)
        body = orjson.dumps(content)
    elif isinstance(route, PagerDutyRoute):
        key = route.secret.get_secret_value()
        body = orjson.dumps(pagerduty_event(delivery.notices[0].alert, key, page))
    elif isinstance(route, SlackRoute):
        alerts = [notice.alert for notice in delivery.notices]
        body = orjson.dumps(slack_message(alerts, page, route.template))
    else:
        body, secret = webhook_body(delivery, page), route.secret.get_secret_value()
        headers = webhook_headers(delivery.key, body, secret, int(now.timestamp()))
    seconds = route.timeout.total_seconds()
    return Request(url, body, headers, seconds, route.allow_private)
