"""The time at which a producer sent a record, kept in a header on the way through the pipeline.

Records on our own topics carry the time of writing as their timestamp, since Kafka deletes records
by it (retention) and refuses those of the future (KIP-937).
"""

from collections.abc import Sequence
from typing import Final

TIMESTAMP_HEADER: Final = "newsquake.timestamp"
"""Header with the timestamp of the producer's record, in milliseconds since the epoch."""
_MAX_DIGITS: Final = 18
"""A 64-bit integer holds every number of so many digits."""


def sent_at(headers: Sequence[tuple[str, bytes]], timestamp: int) -> int:
    """Return when the producer sent a record, in milliseconds since the epoch.

    ``timestamp`` is the record's own. It counts where the header is missing or garbled, as in
    records of earlier releases, and where the header says a later time: a record can't be written
    before it is sent, so that clock was wrong.

    >>> sent_at([("newsquake.timestamp", b"1000")], 5000), sent_at([], 5000)
    (1000, 5000)
    >>> sent_at([("newsquake.timestamp", b"9000")], 5000)
    5000
    """
    for name, value in reversed(headers):
        if name == TIMESTAMP_HEADER:
            if value and len(value) <= _MAX_DIGITS and value.isdigit():
                return min(int(value), timestamp)
            return timestamp
    return timestamp


def sent_header(milliseconds: int) -> tuple[str, bytes]:
    """Return the header that says when the producer sent a record."""
    return TIMESTAMP_HEADER, b"%d" % milliseconds
