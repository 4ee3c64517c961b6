"""Settings of the search for companies."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class CompanySettings(BaseModel):
    """Which companies to search for in texts, and how relevant they must be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    find: bool = Field(
        default=True,
        description="Search headline and summary for companies. If off, only the tickers that "
        "producers send count, each with relevance 1",
    )
    builtin: bool = Field(
        default=True,
        description="Search for some five hundred large companies. A company that trades in the "
        "United States has its ticker there, any other its home exchange's, such as SIE.DE",
    )
    file: Annotated[Path | None, BeforeValidator(lambda value: None if value == "" else value)] = (
        Field(
            default=None,
            description="A CSV file of your own companies, with the columns company, ticker and "
            "aliases (separated by semicolons or bars). An alias that ends with ? counts only if "
            "words near it show that it is a company. Your names take precedence over the built-in "
            "ones",
        )
    )
    floor: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="Minimum relevance of a company found in a text. A company below it is a "
        "bystander, such as the bank whose analyst speaks about another company: it is no subject "
        "and makes no signal. Tickers that producers send always count. 0 keeps everything",
    )
