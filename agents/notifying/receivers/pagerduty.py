"""Events for PagerDuty, Events API v2, within its limits."""

from hashlib import sha256
from typing import Any, Final

from agents.notifying.receivers.webhook import alert_fields
from agents.notifying.wording import one_line, shortened, wording
from schemas.alert import Alert, Severity

MAX_SUMMARY: Final = 1_024
MAX_DEDUP_KEY: Final = 255
SEVERITIES: Final[dict[Severity, str]] = {
    "minor": "warning",
    "major": "error",
    "critical": "critical",
}
"""PagerDuty knows critical, error, warning and info, and refuses others."""
_MAX_SOURCE: Final = 255


def pagerduty_event(alert: Alert, routing_key: str, page: str = "") -> dict[str, Any]:
    """Return the event: it triggers an incident, changes it, or resolves it.

    All changes of an alert share its key, so a duplicate and an escalation change the incident.
    """
    words = wording(alert, page)
    event: dict[str, Any] = {
        "routing_key": routing_key,
        "event_action": "resolve" if alert.status == "resolved" else "trigger",
        "dedup_key": dedup_key(alert.id),
        "payload": {
            "summary": shortened(words.sentence, MAX_SUMMARY),
            "source": one_line(alert.subject, _MAX_SOURCE),
            "severity": SEVERITIES[alert.severity],
            "timestamp": alert.detected_at.isoformat(timespec="milliseconds"),
            "component": "newsquake",
            "class": alert.status,
            "custom_details": alert_fields(alert),
        },
    }
    if words.link:
        event["links"] = [{"href": words.link, "text": "The alert's page"}]
    return event


def dedup_key(alert_id: str) -> str:
    """Return the key of the incident: the alert's id, or its hash if it is too long.

    >>> dedup_key("a1"), len(dedup_key("a" * 256))
    ('a1', 64)
    """
    return alert_id if len(alert_id) <= MAX_DEDUP_KEY else sha256(alert_id.encode()).hexdigest()
