"""The silences and acknowledgements that hold, as the records of `news.silences` say."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from schemas.silence import SILENCED_HEADER, Silence
from streams.core.record import Message


class SilenceBook:
    """All silences and acknowledgements of a log, the last record of each.

    What holds is a function of the records and of the time. So all who have read as far agree.

    >>> book = SilenceBook()
    >>> since = datetime(2026, 3, 3, 8, tzinfo=UTC)
    >>> until = datetime(2026, 3, 4, 8, tzinfo=UTC)
    >>> book.note("1", Silence(id="1", kind="silence", subject="company:AC*", who="ada",
    ...     since=since, until=until))
    >>> book.covering("company:ACME", since).who, book.covering("company:ACME", until)
    ('ada', None)
    """

    def __init__(self) -> None:
        self._by_id: dict[str, Silence] = {}

    def note(self, name: str, silence: Silence | None) -> None:
        """Take in the record under the id ``name``; None takes the one before back."""
        if silence is None:
            self._by_id.pop(name, None)
        else:
            self._by_id[name] = silence

    def everything(self) -> list[Silence]:
        """Return all silences and acknowledgements, those that ended too, oldest first."""
        return sorted(self._by_id.values(), key=lambda silence: (silence.since, silence.id))

    def in_force(self, now: datetime) -> list[Silence]:
        """Return what holds at ``now``, oldest first."""
        return [silence for silence in self.everything() if silence.is_in_force(now)]

    def covering(self, subject: str, now: datetime) -> Silence | None:
        """Return the silence that covers ``subject`` at ``now``: of several the one that lasts."""
        latest = datetime.max.replace(tzinfo=UTC)
        silences = [
            silence
            for silence in self._by_id.values()
            if silence.kind == "silence"
            and silence.is_in_force(now)
            and fnmatchcase(subject, silence.subject)
        ]
        return max(silences, key=lambda one: (one.until or latest, one.id), default=None)

    def acknowledgement(self, alert: str) -> Silence | None:
        """Return the word of the last person who takes care of the alert with this id."""
        words = [
            word
            for word in self._by_id.values()
            if word.kind == "acknowledgement" and word.alert == alert and word.expired_at is None
        ]
        return max(words, key=lambda word: (word.since, word.id), default=None)


def mark_silenced(messages: Iterable[Message], book: SilenceBook, now: datetime) -> list[Message]:
    """Return the messages of alerts, with a header on those whose subject is silenced at ``now``.

    The value stays as it is: it is a function of the news alone, and a replay gives equal bytes.
    """
    marked = []
    for message in messages:
        if silence := book.covering((message.key or b"").decode(), now):
            header = (SILENCED_HEADER, silence.id.encode())
            marked.append(message._replace(headers=[*message.headers, header]))
        else:
            marked.append(message)
    return marked


def silencing_id(headers: Sequence[tuple[str, bytes]]) -> str | None:
    """Return the id of the silence in the headers of an alert's record; None if it had none."""
    for name, value in headers:
        if name == SILENCED_HEADER and value:
            return value.decode("utf-8", "replace")
    return None
