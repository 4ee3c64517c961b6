"""Alerts: negative news about a subject surged, grew worse, goes on, or is back to normal."""

from typing import ClassVar, Literal

from pydantic import Field

from schemas.instants import Instant
from schemas.wire import IS_ABSENT, EventPayload, Wire

MARKET = "market:all"
"""The subject of an alert about a move of the whole market."""

Status = Literal["firing", "escalated", "updated", "resolved"]
Severity = Literal["minor", "major", "critical"]


class Headline(Wire):
    """An article that is shown as evidence for an alert."""

    key: str = Field(description="Idempotency key of the article")
    text: str
    published: Instant
    negative: float = Field(description="Probability that it is negative")
    severity: float | None = Field(
        default=None,
        exclude_if=IS_ABSENT,
        description="How bad the news is for the subject, 0 nothing bad to 3 grave, to a tenth; "
        "left out where the model does not say",
    )


class Alert(EventPayload):
    """One change of one alert's state. Times are event time: a replayed log gives equal alerts."""

    event_type: ClassVar[str] = "newsquake.alert"

    id: str = Field(description="From subject, rule and onset; all changes of one alert share it")
    subject: str = Field(
        min_length=1, description="Such as topic:earnings, company:AAPL or market:all"
    )
    status: Status
    severity: Severity = Field(description="Size of the effect, the largest so far")
    onset: Instant = Field(description="When the surge began, as estimated")
    detected_at: Instant = Field(description="Event time of this change")
    volume: float = Field(description="Stories since the onset, near-duplicates counted once")
    expected_volume: float = Field(description="Stories that were to be expected in that time")
    negative_share: float = Field(
        description="Share of negative news since the onset, 0 to 1; a story counts by its "
        "severity where the model says it, else by its negative probability"
    )
    expected_share: float = Field(description="Share that was to be expected, 0 to 1")
    evidence: float = Field(description="Decimal logarithm of the evidence against nothing new")
    discovery: bool = Field(
        default=False,
        description="Whether it is one of the discoveries, among which the rate of recent false "
        "ones is kept at a tenth; decided within six bins (hours, by default)",
    )
    sources: int = Field(ge=0, description="Distinct sources since the onset")
    stories: int = Field(ge=0, description="Distinct stories since the onset")
    signals: int = Field(ge=0, description="Signals since the onset, near-duplicates included")
    headlines: tuple[Headline, ...] = Field(
        default=(), max_length=5, description="Most telling first"
    )
    news_severity: float | None = Field(
        default=None,
        exclude_if=IS_ABSENT,
        description="The highest severity of its headlines, 0 to 3: how bad the worst of the news "
        "is, where `severity` is how much of it there is; left out where the model does not say",
    )
    members: tuple[str, ...] = Field(
        default=(), description="Subjects that move together, for market:all"
    )
    model: str = Field(description="Id of the model that scored the signals")
    rule: str = Field(description="Version of the detection rule")

    @property
    def event_id(self) -> str:
        """The id of this change of the alert.

        An alert escalates at most once to each severity, and once by becoming a discovery. Its
        updates differ in their time.
        """
        if self.status == "updated":
            return f"{self.id}.updated.{self.detected_at:%Y%m%dT%H%M%S}"
        if self.status != "escalated":
            return f"{self.id}.{self.status}"
        return f"{self.id}.escalated.{self.severity}{'.discovery' * self.discovery}"
