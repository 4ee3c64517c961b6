"""An alert as a sentence that can be read out."""

from datetime import datetime, tzinfo
from typing import Final

from schemas.alert import MARKET, Alert

_HEADS: Final = {
    "firing": "Negative news about {subject} surges",
    "escalated": "The surge of negative news about {subject} grew worse",
    "updated": "The surge of negative news about {subject} goes on",
    "resolved": "News about {subject} is back to normal",
}


def subject_words(subject: str) -> str:
    """Return what a subject is called in a sentence.

    >>> [subject_words(name) for name in ("company:ACME", "topic:fed-central-banks", "market:all")]
    ['ACME', 'the topic fed central banks', 'the whole market']
    """
    if subject == MARKET:
        return "the whole market"
    kind, _, name = subject.partition(":")
    return f"the topic {name.replace('-', ' ')}" if kind == "topic" else name or subject


def alert_sentence(alert: Alert, zone: tzinfo | None = None) -> str:
    """Return the change of an alert in words, without signs that are hard to read out.

    Times are those of ``zone``, or else of this machine.
    """
    head = _HEADS[alert.status].format(subject=subject_words(alert.subject))
    onset = spoken_time(alert.onset, zone)
    stories = f"{alert.volume:.0f} {'story' if round(alert.volume) == 1 else 'stories'}"
    shares = (
        f"{alert.negative_share * 100:.0f} percent of them negative, "
        f"where {alert.expected_share * 100:.0f} are usual"
    )
    counts = f"{stories} since {onset}, where {alert.expected_volume:.1f} are usual; {shares}"
    verb = "was" if alert.status == "resolved" else "is"
    return f"{head}: {counts}. The surge {verb} {alert.severity}."


def spoken_time(moment: datetime, zone: tzinfo | None = None) -> str:
    """Return a time as people say it.

    >>> from datetime import UTC
    >>> spoken_time(datetime(2026, 3, 3, 8, 5, tzinfo=UTC), UTC)
    'Tuesday 3 March 08:05'
    """
    local = moment.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B %H:%M}"


def local_time(moment: datetime, zone: tzinfo | None = None) -> str:
    """Return a time for a list, in ``zone`` or else that of this machine, with its offset.

    >>> from datetime import UTC
    >>> local_time(datetime(2026, 3, 3, 8, 5, tzinfo=UTC), UTC)
    '2026-03-03 08:05 +0000'
    """
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %z}"
