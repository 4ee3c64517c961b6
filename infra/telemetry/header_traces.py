"""Traces for the log alone: the ids that records carry, without OpenTelemetry."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

from schemas.incoming import cloudevents
from streams.core.handler import Decision
from streams.core.record import Headers, Record
from streams.monitoring.tracing import Followed, Sending

MAX_LOGGED: Final = 8
"""Ids of traces in one line of the log."""


def trace_ids(records: Sequence[Record]) -> tuple[str, ...]:
    """Return the ids of the first traces of ``records``: 32 hexadecimal digits each."""
    found = (value for record in records for _, value in cloudevents.trace(record.headers))
    ids = (value.split(b"-", 2)[1].decode() for value in found)
    return tuple(dict.fromkeys(islice(ids, MAX_LOGGED)))


class HeaderTraces:
    """Passes headers on as they are. See `streams.monitoring.tracing.Tracing`."""

    def begin(self, _: Record) -> bytes:
        """Begin no trace."""
        return b""

    def follow(
        self, stage: str, records: Sequence[Record], decision: Decision, seconds: float
    ) -> Followed:
        """Return the ids alone."""
        del stage, decision, seconds
        return Followed(trace_ids(records))

    def start(self, name: str, origins: Sequence[Headers]) -> Sending:
        """Pass the first trace on."""
        del name
        value = next((trace for each in origins for _, trace in cloudevents.trace(each)), b"")
        return Sending(value, lambda _: None)
