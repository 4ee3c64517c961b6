"""Histories of alerts: all changes of one alert, from firing to resolved."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from detection.evaluation import AlertSpan
from schemas.alert import Alert

_RISES: Final = ("firing", "escalated")
"""Changes by which an alert tells that something happened."""


class AlertHistory(NamedTuple):
    """The changes of one alert, in order; the first one is its firing."""

    changes: tuple[Alert, ...]

    @property
    def fired(self) -> Alert:
        """Return the first change."""
        return self.changes[0]

    @property
    def last(self) -> Alert:
        """Return the latest change."""
        return self.changes[-1]

    @property
    def peak(self) -> Alert:
        """Return the change with the most evidence."""
        return max(self.changes, key=lambda alert: alert.evidence)

    def span(self) -> AlertSpan:
        """Return names and times of the alert, for `detection.evaluation`; no updates."""
        members = tuple(name for alert in self.changes for name in alert.members)
        changes = tuple(alert.detected_at for alert in self.changes if alert.status in _RISES)
        end = self.last.detected_at if self.last.status == "resolved" else None
        return AlertSpan((self.fired.subject, *members), changes, end)


def group_by_alert(alerts: Iterable[Alert]) -> list[AlertHistory]:
    """Return one history for each alert id, in the order in which the alerts fired."""
    changes: dict[str, list[Alert]] = {}
    for alert in alerts:
        changes.setdefault(alert.id, []).append(alert)
    return [AlertHistory(tuple(alerts_of_id)) for alerts_of_id in changes.values()]
