"""Alerts, each with all its changes."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from schemas.alert import Alert
from schemas.silence import Silence

MAX_ALERTS: Final = 2_000
"""Alerts that are remembered; the one that fired first is forgotten, a resolved one before all."""


class Change(NamedTuple):
    """One record of `alerts`.

    Attributes:
        alert: The alert as it was then.
        written: Milliseconds since the epoch at which the record was written.
        silence: Id of the silence that covered the subject then; None if none did.
    """

    alert: Alert
    written: int
    silence: str | None


@dataclass(slots=True)
class AlertStory:
    """The life of one alert.

    Attributes:
        changes: Its changes, oldest first, at least one.
    """

    changes: list[Change]

    @property
    def last(self) -> Alert:
        """Return the alert after its last change."""
        return self.changes[-1].alert

    @property
    def first(self) -> Alert:
        """Return the alert as it was first read."""
        return self.changes[0].alert

    @property
    def is_open(self) -> bool:
        """Return whether it has not resolved."""
        return self.last.status != "resolved"


class Alerts:
    """All alerts that are remembered."""

    def __init__(self) -> None:
        self._stories: OrderedDict[str, AlertStory] = OrderedDict()
        self._events: set[str] = set()

    def __len__(self) -> int:
        """Return the number of alerts."""
        return len(self._stories)

    def __iter__(self) -> Iterator[AlertStory]:
        """Yield the alerts, the one that fired last first, however they were read."""
        stories = sorted(self._stories.values(), key=lambda story: story.last.id)
        stories.sort(key=lambda story: story.first.detected_at, reverse=True)
        return iter(stories)

    def get(self, key: str) -> AlertStory | None:
        """Return the alert with this id, or None if it is not remembered."""
        return self._stories.get(key)

    def add(self, alert: Alert, written: int, silence: str | None = None) -> bool:
        """Add a change, and the id of what silenced it; return False if it was read before."""
        if alert.event_id in self._events:
            return False
        self._events.add(alert.event_id)
        story = self._stories.setdefault(alert.id, AlertStory([]))
        story.changes.append(Change(alert, written, silence))
        if len(self._stories) > MAX_ALERTS:
            resolved = (key for key, other in self._stories.items() if not other.is_open)
            forgotten = self._stories.pop(next(resolved, next(iter(self._stories))))
            self._events -= {change.alert.event_id for change in forgotten.changes}
        return True

    def open(self) -> list[AlertStory]:
        """Return the alerts that have not resolved, the one that fired last first."""
        return [story for story in self if story.is_open]

    def of_subject(self, subject: str) -> list[AlertStory]:
        """Return the alerts about a subject or with it as a member, latest first."""
        return [story for story in self if subject in {story.last.subject, *story.last.members}]

    def concerned_by(self, said: Silence) -> list[AlertStory]:
        """Return the alert that somebody takes care of, or the open ones that a silence covers."""
        if said.alert is not None:
            return [story] if (story := self.get(said.alert)) else []
        return [story for story in self.open() if fnmatchcase(story.last.subject, said.subject)]

    def fed_by(self, key: str) -> list[AlertStory]:
        """Return the alerts that show the article with this key as evidence."""
        return [
            story
            for story in self
            if any(
                headline.key == key
                for change in story.changes
                for headline in change.alert.headlines
            )
        ]
