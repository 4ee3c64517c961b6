"""Alerts from their changes: what fired, how far it went, when it was over."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from detection.evaluation import AlertSpan
from schemas.alert import Alert


class Episode(NamedTuple):
    """The changes of one alert, in order; the first one fires."""

    changes: tuple[Alert, ...]

    @property
    def fired(self) -> Alert:
        """The first change."""
        return self.changes[0]

    @property
    def last(self) -> Alert:
        """The latest change."""
        return self.changes[-1]

    @property
    def peak(self) -> Alert:
        """The change with the most evidence."""
        return max(self.changes, key=lambda alert: alert.evidence)

    def raised(self) -> AlertSpan:
        """For judging."""
        members = tuple(name for alert in self.changes for name in alert.members)
        moves = tuple(it.detected_at for it in self.changes if it.status != "resolved")
        end = self.last.detected_at if self.last.status == "resolved" else None
        return AlertSpan((self.fired.subject, *members), moves, end)


def grouped(alerts: Iterable[Alert]) -> Iterator[Episode]:
    """One episode for each id, in the order in which they fired."""
    found: dict[str, tuple[Alert, ...]] = {}
    for alert in alerts:
        found[alert.id] = (*found.get(alert.id, ()), alert)
    return map(Episode, found.values())
