"""Alerts for Prometheus Alertmanager, API v2, as 0.25 to 0.35 understand them.

What good guesses get wrong, and what follows:

- A ``startsAt`` in the past skips ``group_wait``: of a burst the first page would name one alert.
  So it is the time of sending. Alertmanager keeps the earliest that it was told. The onset is an
  annotation.
- ``endsAt`` is a lease that only a resolved alert can bring forward, and it is never left out: an
  alert whose lease runs out is resolved. It is sent with every heartbeat.
- A changed annotation is stored and told to nobody until ``repeat_interval``. So the severity is a
  label, and an escalation is one request: the end of the alert with the old severity, and the one
  with the new.
- The end of an alert is ended a moment ago, so that a receiver whose clock is behind takes it as
  ended too. It is repeated (`AlertmanagerRoute.resend`), since one that came before the firing
  would be forgotten.
- All times have a zone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from agents.notifying.notice import Notice, Told
from agents.notifying.routes import AlertmanagerRoute
from agents.notifying.wording import shortened, wording
from schemas.alert import Alert, Severity

HEARTBEATS_OF_LEASE: Final = 4
"""Heartbeats within a lease: three may be lost, and the alert still holds."""
CLOCK_MARGIN: Final = timedelta(seconds=15)
"""How far the clock of a receiver may be behind ours."""
_MAX_ANNOTATION: Final = 4_000
_MAX_LABEL: Final = 200


def alertmanager_alerts(
    route: AlertmanagerRoute,
    notices: Sequence[Notice],
    heard: Mapping[str, Told],
    now: datetime,
    page: str = "",
) -> list[dict[str, Any]]:
    """Return the body of ``POST /api/v2/alerts``: what changed, and everything else that holds.

    Of a notice that is sent alone nothing else is told, since something in the body was refused.
    """
    present = {} if any(notice.alone for notice in notices) else dict(heard)
    for notice in notices:
        if notice.alert.id in heard:
            present[notice.alert.id] = heard[notice.alert.id]
    changed = {notice.alert.id: notice.alert for notice in notices}
    body: list[dict[str, Any]] = []
    for name in dict.fromkeys([*present, *changed]):
        previous = present.get(name)
        alert = changed[name] if name in changed or previous is None else previous.alert
        is_over = alert.status == "resolved"
        known = [severity for severity, _ in previous.former] if previous else []
        known += [previous.alert.severity] if previous else []
        # What it never fired with has no end there: somebody would be told of one.
        known += [] if is_over and known else [alert.severity]
        for severity in dict.fromkeys(known):
            has_ended = is_over or severity != alert.severity
            body.append(_posted(route, alert, severity, now, page, is_over=has_ended))
    return body


def _posted(  # noqa: PLR0913 - an alert there says many things
    route: AlertmanagerRoute,
    alert: Alert,
    severity: Severity,
    now: datetime,
    page: str,
    *,
    is_over: bool,
) -> dict[str, Any]:
    words = wording(alert, page)
    kind, _, name = alert.subject.partition(":")
    begin, end = now, now + HEARTBEATS_OF_LEASE * route.heartbeat
    if is_over:
        begin = end = now - CLOCK_MARGIN
    annotations = {
        "summary": words.sentence,
        "description": "\n".join([words.numbers, *words.headlines]),
        "onset": _rfc3339(alert.onset),
    }
    posted: dict[str, Any] = {
        "labels": {
            **route.labels,
            "alertname": "NewsquakeAlert",
            "subject": shortened(alert.subject, _MAX_LABEL),
            "kind": shortened(kind, _MAX_LABEL),
            "name": shortened(name, _MAX_LABEL) or "unnamed",
            "severity": severity,
            "alert_id": alert.id,
        },
        "annotations": {
            key: shortened(value, _MAX_ANNOTATION) for key, value in annotations.items() if value
        },
        "startsAt": _rfc3339(begin),
        "endsAt": _rfc3339(end),
    }
    return posted | ({"generatorURL": words.link} if words.link else {})


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
