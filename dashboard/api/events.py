"""The events of ``/api/stream``: what changed in the view, twice a second."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from dashboard.api.flow_answer import feed_answer, whole_flow_answer
from dashboard.api.rows import alert_row, moment
from dashboard.api.sources import Sources
from dashboard.feed import Feed
from dashboard.view.news_view import Changes, NewsView
from dashboard.view.subjects import Pulse, SubjectView
from schemas.silence import Silence

EVENT_SECONDS: Final = 0.4
FLOW_EVENTS: Final = 5
"""The flow is told with every fifth event."""
MAX_NEEDLES: Final = 300
"""Needles in one event: those that are deflected farthest."""
MAX_PULSES: Final = 4
"""Signals of one subject in one event."""


async def tell_changes(sources: Sources) -> None:
    """Tell what changes until cancelled."""
    view, broadcaster, count = sources.view, sources.broadcaster, 0
    while True:
        await asyncio.sleep(EVENT_SECONDS)
        count += 1
        changes, wall = view.take_changes(), time.time()
        said = view.silences.take_changes(datetime.fromtimestamp(wall, UTC))
        if not len(broadcaster):
            continue
        if rows := silences_event(view, said, wall):
            broadcaster.send("silences", {"alerts": rows})
        broadcaster.send("needles", needles_event(view, sources.feed, changes, wall))
        for key in changes.alerts:
            if (story := view.alerts.get(key)) is not None:
                broadcaster.send("alert", alert_row(view, story, wall))
        if count % FLOW_EVENTS == 0:
            broadcaster.send("flow", whole_flow_answer(sources, wall))


def silences_event(view: NewsView, said: Iterable[Silence], wall: float) -> list[dict[str, Any]]:
    """Return the alerts, as they are now, about which something began or ended to hold."""
    stories = {story.last.id: story for word in said for story in view.alerts.concerned_by(word)}
    return [alert_row(view, story, wall) for story in stories.values()]


def needles_event(view: NewsView, feed: Feed, changes: Changes, wall: float) -> dict[str, Any]:
    """Return the needles that moved, with the signals that moved them."""
    now = view.now(wall)
    number = view.bin_at(now)
    needles = [
        _needle(view.subjects[name], name, pulses[-MAX_PULSES:], number)
        for name, pulses in changes.subjects.items()
        if name in view.subjects
    ]
    needles.sort(key=lambda needle: -needle[1])
    return {
        "now": moment(now),
        "feed": feed_answer(feed),
        "needles": needles[:MAX_NEEDLES],
    }


def _needle(subject: SubjectView, name: str, pulses: Sequence[Pulse], number: int) -> list[Any]:
    """Return name, deflection, new signals, evidence and threshold."""
    last = subject.last
    return [
        name,
        round(subject.needle.deflection(number), 3),
        [
            [round(pulse.time), round(pulse.negative, 3), round(pulse.positive, 3)]
            for pulse in pulses
        ],
        round(last.evidence, 2) if last else 0.0,
        round(last.threshold, 2) if last else None,
    ]
