"""Daily summaries of a company's news."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from schemas.wire import EventPayload


class DailySummary(EventPayload):
    """The news about a company on one day, as far as it has come in."""

    event_type: ClassVar[str] = "newsquake.daily-summary"

    subject: str = Field(description="Such as company:AAPL")
    day: date = Field(description="Day of publication, UTC")
    articles: int = Field(ge=1)
    negative: float = Field(description="Sum of the probabilities that an article is negative")
