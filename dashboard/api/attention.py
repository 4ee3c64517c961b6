"""What people said about an alert, as JSON: who takes care of it, and who silenced it."""

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from dashboard.view.alerts import AlertStory
from dashboard.view.news_view import NewsView
from schemas.silence import Silence


def attention(view: NewsView, story: AlertStory, wall: float) -> dict[str, Any]:
    """Return who takes care of an alert, and what silences it while it is open."""
    alert, book = story.last, view.silences.book
    now = datetime.fromtimestamp(wall, UTC)
    silence = book.covering(alert.subject, now) if story.is_open else None
    word = book.acknowledgement(alert.id)
    return {
        "silenced": silence and said_row(silence, now),
        "acknowledged": word and said_row(word, now),
        "fired_silenced": story.changes[0].silence is not None,
    }


def words_about(view: NewsView, story: AlertStory, wall: float) -> list[dict[str, Any]]:
    """Return all that was said about an alert, oldest first.

    These are the acknowledgements, and the silences that covered it while it was open.
    """
    now, last = datetime.fromtimestamp(wall, UTC), story.last
    began, changed = (
        datetime.fromtimestamp(change.written / 1000, UTC)
        for change in (story.changes[0], story.changes[-1])
    )

    def is_about(said: Silence) -> bool:
        if said.kind == "acknowledgement":
            return said.alert == last.id
        end = said.expired_at or said.until
        is_early = story.is_open or said.since <= changed
        return fnmatchcase(last.subject, said.subject) and is_early and (not end or end >= began)

    return [said_row(said, now) for said in view.silences.book.everything() if is_about(said)]


def said_row(said: Silence, now: datetime) -> dict[str, Any]:
    """Return a silence or an acknowledgement, and whether it holds."""
    return {**said.model_dump(mode="json"), "holds": said.is_in_force(now)}
