"""Which companies are looked for, and how."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _absent(value: object) -> object:
    return None if value == "" else value


class CompanySettings(BaseModel):
    """Settings of the search for companies in texts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    find: bool = Field(
        default=True,
        description="Look for companies in headline and summary. Off: only the tickers that "
        "producers send count, each with relevance 1",
    )
    builtin: bool = Field(
        default=True,
        description="Know some five hundred large companies. A company that trades in the United "
        "States goes by that ticker, any other by its home exchange's, as in SIE.DE",
    )
    file: Annotated[Path | None, BeforeValidator(_absent)] = Field(
        default=None,
        description="A CSV file of your own companies, with the columns company, ticker and "
        "aliases (between semicolons or bars); an alias that ends with ? counts only where "
        "something near by speaks of a company. Its names win over the built-in ones",
    )
    floor: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="A company found with less relevance than this is a by-stander: it makes no "
        "signal and is no subject, for an alert about a bank must not come of its analysts' "
        "opinions on others. Tickers that producers send always count. 0 keeps everything",
    )
