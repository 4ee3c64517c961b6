"""How long a server asks to be left alone (RFC 9110, section 10.2.3)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_LONGEST_SECONDS: Final = 7 * 86_400.0


def retry_after(text: str, now: datetime) -> float:
    """Return the seconds that a ``Retry-After`` header asks for, 0 if none; a week's at most.

    >>> retry_after("120", datetime(2026, 1, 1, tzinfo=UTC))
    120.0
    >>> retry_after("Thu, 01 Jan 2026 00:01:00 GMT", datetime(2026, 1, 1, tzinfo=UTC))
    60.0
    """
    digits = text.strip(" \t")  # the white space of HTTP (RFC 9110, section 5.6.3)
    if digits.isascii() and digits.isdigit():
        return min(float(digits[:9]), _LONGEST_SECONDS)
    try:
        until = parsedate_to_datetime(text)
        seconds = (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(0.0, seconds), _LONGEST_SECONDS)
