"""Points in time, UTC on our side; `schemas.incoming.times` reads what feeds write."""

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2101, 1, 1, tzinfo=UTC)
"""Exclusive. Times outside are a producer's defect: zero values, or a wrong unit."""


def utc(moment: datetime) -> datetime:
    """Move an aware time to UTC.

    Raises:
        ValueError: the result lies outside what Python can represent.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("time is out of range") from None


Instant = Annotated[AwareDatetime, AfterValidator(utc)]
"""An aware time, kept in UTC, written as ISO 8601 with Z."""


def _within(moment: datetime) -> datetime:
    if EARLIEST <= moment < LATEST:
        return moment
    raise ValueError(f"time is before {EARLIEST:%Y} or not before {LATEST:%Y}")


Published = Annotated[Instant, AfterValidator(_within)]
"""An `Instant` at which news may have been published: from `EARLIEST` to before `LATEST`."""
