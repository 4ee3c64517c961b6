"""The interface between the plumbing and traces: who listens, and what they may change.

Sources: W3C Trace Context for the header `traceparent`; the distributed tracing extension of
CloudEvents. Without a listener nothing is asked, and a record's own header is passed on as it is.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

from streams.core.handler import Decision
from streams.core.record import Headers, Record

TRACEPARENT: Final = "traceparent"


class Followed(NamedTuple):
    """The traces of a decision.

    Attributes:
        trace_ids: Ids of the traces of its records, for the log, some of them.
        end: Is called once it is committed, and never if it is not; it returns at once.
    """

    trace_ids: tuple[str, ...] = ()
    end: Callable[[], None] | None = None

    def ending_before(self, after_commit: Callable[[], None] | None) -> Callable[[], None] | None:
        """Return what ends the traces and then calls ``after_commit``, as far as they are there."""
        if self.end is None or after_commit is None:
            return self.end or after_commit
        calls = (self.end, after_commit)

        def call_both() -> None:
            for call in calls:
                call()

        return call_both


NOT_FOLLOWED: Final = Followed()
"""Nobody follows the records."""


class Sending(NamedTuple):
    """Something on its way to others.

    Attributes:
        traceparent: The header's value to send along.
        end: Is called with the problem, or with an empty text, when it has arrived.
    """

    traceparent: bytes
    end: Callable[[str], None]


class Tracing(Protocol):
    """Follows articles from stage to stage."""

    def begin(self, record: Record) -> bytes:
        """Begin a trace for a record that has none; return its `traceparent`, empty for none."""
        ...

    def follow(
        self, stage: str, records: Sequence[Record], decision: Decision, seconds: float
    ) -> Followed:
        """Follow the records of one partition, which were handled for ``seconds`` until now.

        The headers of the decision's messages are changed, so that readers go on from here.
        """
        ...

    def start(self, name: str, origins: Sequence[Headers]) -> Sending:
        """Begin to send something that ``origins`` led to: the headers of each, the first leads."""
        ...


def with_trace(headers: Headers, traceparent: bytes) -> list[tuple[str, bytes]]:
    """Return ``headers`` with this `traceparent` and no other.

    >>> with_trace([("TraceParent", b"old"), ("ce_id", b"7")], b"new")
    [('ce_id', b'7'), ('traceparent', b'new')]
    """
    others = [header for header in headers if header[0].lower() != TRACEPARENT]
    return [*others, (TRACEPARENT, traceparent)]
