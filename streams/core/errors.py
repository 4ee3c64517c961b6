"""Failures of the plumbing. Each of them ends the process; the message tells the operator why.

::

    StreamError
    ├── Fenced           another worker holds the partition now
    ├── FuseBlown        most of the records are rejected: a bad deploy must not drain a topic
    ├── Stalled          a partition is held and not read: starting again reads it
    ├── SessionExpired   Kafka forgot the transactional id: starting again takes it anew
    ├── LogTruncated     a partition lost records that were read: starting again goes back
    ├── UnreadableBatch  bytes in a partition can't be decoded: a person sets them aside
    ├── BadBackup        a file is no backup, or not the whole of one
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


class SessionExpired(StreamError):
    """Kafka forgot a transactional id that was idle (``transactional.id.expiration.ms``)."""


class LogTruncated(StreamError):
    """A partition ends before the position, or has other records than those that were handled."""


class UnreadableBatch(StreamError):
    """Bytes of a partition can't be decoded, however often they are fetched.

    Attributes:
        topic: The full name of the topic.
        partition: The number of the partition.
        begin: The first offset that can't be read.
        end: The offset after the batch.
        problem: The cause, in words.
    """

    def __init__(self, topic: str, partition: int, begin: int, end: int, problem: str) -> None:
        super().__init__(
            f"the batch at offset {begin} of {topic}-{partition} (up to {end}) can't be read: "
            f"{problem}"
        )
        self.topic = topic
        self.partition = partition
        self.begin = begin
        self.end = end
        self.problem = problem


class BadBackup(StreamError):
    """A file is no backup, is damaged or truncated, or a newer release wrote it."""


class Misconfigured(StreamError):
    """The cluster contradicts the settings; the message says what to change."""


@contextmanager
def report_failure(on_failure: OnFailure) -> Iterator[None]:
    """Pass any exception of the block to ``on_failure`` instead of raising it."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever failed, the process ends
        on_failure(error)
