"""Silences and acknowledgements as the dashboard has read them, and what begins or ends to hold."""

from datetime import datetime

from agents.silencing.silence_book import SilenceBook
from schemas.refusal import Refusal
from schemas.silence import Silence
from streams.core.record import Record


class Silences:
    """What people said.

    Attributes:
        book: The last record of each silence and acknowledgement.
    """

    def __init__(self) -> None:
        self.book = SilenceBook()
        self._held: dict[str, Silence] = {}

    def take(self, record: Record) -> None:
        """Take in a record of `news.silences`.

        Raises:
            Refusal: It can't be read; what stood under its id does not hold any more.
        """
        name = (record.key or b"").decode("utf-8", "replace")
        try:
            said = Silence.from_event(record.value, record.headers) if record.value else None
        except Refusal:
            self.book.note(name, None)
            raise
        self.book.note(name, said)

    def take_changes(self, now: datetime) -> list[Silence]:
        """Return what holds at ``now`` and did not at the last call, and the other way round."""
        before, self._held = self._held, {said.id: said for said in self.book.in_force(now)}
        began = [said for name, said in self._held.items() if name not in before]
        return began + [said for name, said in before.items() if name not in self._held]
