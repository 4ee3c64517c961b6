"""What people say about alerts, as records of `news.silences`."""

from datetime import datetime, timedelta

from agents.event_message import event_message
from schemas.alert import Alert
from schemas.identity import silence_id
from schemas.silence import Silence
from streams.core.record import Message


def new_silence(subject: str, duration: timedelta, *, who: str, why: str, now: datetime) -> Silence:
    """Return the silence of a subject, or of a pattern of subjects, from ``now`` on."""
    name = silence_id("silence", subject, who, now)
    return Silence(
        id=name, kind="silence", subject=subject, who=who, why=why, since=now, until=now + duration
    )


def acknowledge(alert: Alert, *, who: str, why: str, now: datetime) -> Silence:
    """Return the word of ``who`` to take care of an alert."""
    return Silence(
        id=silence_id("acknowledgement", alert.id, who, now),
        kind="acknowledgement",
        subject=alert.subject,
        alert=alert.id,
        who=who,
        why=why,
        since=now,
    )


def expired(silence: Silence, *, who: str, now: datetime) -> Silence:
    """Return ``silence`` as it is once ``who`` ended it early."""
    return silence.model_copy(update={"expired_at": now, "expired_by": who})


def silence_message(topic: str, silence: Silence) -> Message:
    """Return the record of a silence; ``topic`` is the full name of `news.silences`."""
    time = silence.expired_at or silence.since
    message = event_message(topic, silence, key=silence.id, event_id=silence.event_id, time=time)
    return message._replace(partition=0)
