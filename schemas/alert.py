"""What the detector says: a subject's news turned negative, or is back to normal."""

from typing import Literal

from pydantic import Field

from schemas.instants import Instant
from schemas.wire import Wire


class Headline(Wire):
    """One article that speaks for an alert."""

    key: str = Field(description="Idempotency key of the article")
    text: str
    published: Instant
    negative: float = Field(description="Probability that it is negative")


class Alert(Wire):
    """One change of one alert's state. Times are event time: a replayed log gives equal alerts."""

    id: str = Field(description="From subject, rule and onset; firing and resolved share it")
    subject: str = Field(min_length=1, description="Such as topic:earnings or company:AAPL")
    status: Literal["firing", "resolved"]
    onset: Instant = Field(description="When the surge began")
    detected_at: Instant = Field(description="Event time of the signal that changed the state")
    negative_share: float = Field(description="Share of negative news now, 0 to 1")
    baseline_share: float = Field(description="Share that is usual for the subject, 0 to 1")
    evidence: float = Field(description="Effective number of signals behind negative_share")
    signals: int = Field(ge=0, description="Signals the subject has seen in all")
    headlines: tuple[Headline, ...] = Field(
        default=(), max_length=5, description="Most telling first"
    )
    model: str = Field(description="Id of the model that scored the signals")
    rule: str = Field(description="Version of the detection rule")
