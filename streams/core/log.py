"""The port through which stages reach a log: Kafka, or the one in memory that passes its tests."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from streams.core.record import Message, Record, TopicPartition


class Session(Protocol):
    """One worker's exclusive right to write on behalf of one source partition."""

    async def commit(self, messages: Sequence[Message], position: int) -> None:
        """Write all of ``messages`` and move the source's committed offset, or do neither.

        Raises:
            Fenced: another session was opened for the same source since.
        """

    async def close(self) -> None:
        """Give the right up; what was not committed is gone."""


class Log(Protocol):
    """Partitioned topics, read by offset, written by sessions."""

    async def open(self, group: str, source: TopicPartition) -> Session:
        """Open the session of ``group`` for ``source``; every earlier one is fenced (KIP-98).

        When this returns, the earlier session's transaction has either committed or aborted.
        """

    async def committed(self, group: str, source: TopicPartition) -> int:
        """The offset that ``group`` reads next in ``source``; 0 before its first commit."""

    def scan(
        self, source: TopicPartition, begin: int = 0, end: int | None = None
    ) -> AsyncIterator[Sequence[Record]]:
        """The committed records of ``source`` from offset ``begin`` on, as far as they are kept.

        ``end`` is the offset after the last; without it, the end at the time of call.
        """

    async def close(self) -> None:
        """Close the connections."""
