"""Failures of the plumbing. Each of them ends the process; the message tells the operator why.

::

    StreamError
    ├── Fenced           another worker holds the partition now
    ├── FuseBlown        most of the records are rejected: a bad deploy must not drain a topic
    ├── Stalled          a partition is held and not read: starting again reads it
    └── Misconfigured    a person must change something first

A record that can never succeed raises nothing here: its handler returns a
`streams.core.handler.Rejection`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

OnFailure = Callable[[BaseException], None]
"""Receives a failure of a background task, and must end the process."""


class StreamError(Exception):
    """A failure whose message tells the operator what happened; the process ends."""


class Fenced(StreamError):
    """Another session was opened for the same source partition since (KIP-98)."""


class FuseBlown(StreamError):
    """Too large a share of the last records was rejected."""


class Stalled(StreamError):
    """A partition is held and not read, although records wait in it."""


class Misconfigured(StreamError):
    """The cluster contradicts the settings; the message says what to change."""


@contextmanager
def report_failure(on_failure: OnFailure) -> Iterator[None]:
    """Pass any exception of the block to ``on_failure`` instead of raising it."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever failed, the process ends
        on_failure(error)
