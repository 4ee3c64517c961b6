"""Which alerts a person asks for."""

from datetime import datetime
from fnmatch import fnmatchcase
from typing import NamedTuple

from agents.telling.alert_history import AlertHistory
from detection.alerting.alert_state import SEVERITIES
from schemas.alert import Alert, Severity


class AlertFilter(NamedTuple):
    """Conditions that all have to hold.

    Attributes:
        subject: A subject, or a pattern such as company:AC*.
        kind: The kind of subject: company, topic or market; empty for all.
        severity: The least severity.
        since: An alert that ended before is left out.
        until: An alert that began at this time or later is left out.
        only_open: Whether alerts that resolved are left out.
    """

    subject: str = "*"
    kind: str = ""
    severity: Severity = "minor"
    since: datetime | None = None
    until: datetime | None = None
    only_open: bool = False

    def takes(self, alert: Alert) -> bool:
        """Return whether subject and severity are asked for; times are not looked at."""
        return (
            fnmatchcase(alert.subject, self.subject)
            and (not self.kind or alert.subject.startswith(f"{self.kind}:"))
            and SEVERITIES.index(alert.severity) >= SEVERITIES.index(self.severity)
        )

    def takes_history(self, history: AlertHistory) -> bool:
        """Return whether a past or open alert is asked for."""
        ended = history.ended
        return (
            self.takes(history.latest)
            and (history.is_open or not self.only_open)
            and (self.since is None or ended is None or ended >= self.since)
            and (self.until is None or history.began < self.until)
        )
