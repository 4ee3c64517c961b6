"""Silences and acknowledgements: what people said about alerts, and need not be told again."""

from datetime import datetime
from typing import ClassVar, Final, Literal

from pydantic import Field

from schemas.instants import Instant
from schemas.wire import IS_ABSENT, EventPayload

SilenceKind = Literal["silence", "acknowledgement"]
SILENCED_HEADER: Final = "ce_silenced"
"""The header of a change of an alert that was silenced when it was written: the silence's id."""


class Silence(EventPayload):
    """A person's word that nobody be told: of a subject's alerts for a time, or of one alert again.

    The last record of a key counts. One that ended early is written again with who ended it, so
    who, when and why are kept for ever.
    """

    event_type: ClassVar[str] = "newsquake.silence"

    id: str = Field(min_length=1, description="From what it is about, who said so, and when")
    kind: SilenceKind = Field(
        description="silence: of a subject's alerts; acknowledgement: somebody takes care of one"
    )
    subject: str = Field(
        min_length=1,
        description="Subject, such as company:AAPL, or a pattern such as company:AC* or topic:*; "
        "for an acknowledgement the subject of the alert",
    )
    alert: str | None = Field(
        default=None, exclude_if=IS_ABSENT, description="Id of the alert that is acknowledged"
    )
    who: str = Field(min_length=1, description="Who said so")
    why: str = Field(default="", description="The reason, for people")
    since: Instant = Field(description="When it was said")
    until: Instant | None = Field(
        default=None,
        exclude_if=IS_ABSENT,
        description="When it ends; left out for an acknowledgement, which lasts as long as its "
        "alert",
    )
    expired_at: Instant | None = Field(
        default=None, exclude_if=IS_ABSENT, description="When somebody ended it early"
    )
    expired_by: str | None = Field(
        default=None, exclude_if=IS_ABSENT, description="Who ended it early"
    )

    @property
    def event_id(self) -> str:
        """The id of this record: a silence begins once, and ends early at most once."""
        return f"{self.id}.{'set' if self.expired_at is None else 'expired'}"

    def is_in_force(self, now: datetime) -> bool:
        """Return whether it holds at ``now``.

        It holds as soon as it is in the log: the clock of who said so does not count.
        """
        return self.expired_at is None and (self.until is None or now < self.until)
