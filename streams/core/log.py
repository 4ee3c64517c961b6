"""The interface between stages and a log: Kafka, or the log in memory that passes its tests."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from streams.core.record import Message, Record, TopicPartition


class Session(Protocol):
    """The exclusive right of one worker to write on behalf of one source partition."""

    async def commit(self, messages: Sequence[Message], position: int, note: str = "") -> None:
        """Write all of ``messages`` and move the source's committed offset, or do neither.

        ``note`` stands beside the offset until the next commit.

        Raises:
            Fenced: Another session was opened for the same source since.
        """

    async def close(self) -> None:
        """Give up the right; uncommitted messages are lost."""


class Log(Protocol):
    """Partitioned topics that are read by offset and written by sessions."""

    async def open(self, group: str, source: TopicPartition) -> Session:
        """Open the session of ``group`` for ``source``; every earlier one is fenced (KIP-98).

        When this returns, the earlier session's transaction has either committed or aborted.
        """

    async def committed(self, group: str, source: TopicPartition) -> int:
        """Return the offset that ``group`` reads next in ``source``; 0 before its first commit."""

    async def note(self, group: str, source: TopicPartition) -> str:
        """Return the note of the last commit of ``group`` for ``source``, empty if it has none."""

    def scan(
        self, source: TopicPartition, begin: int = 0, end: int | None = None
    ) -> AsyncIterator[Sequence[Record]]:
        """Read the committed records of ``source`` from offset ``begin`` on that are still kept.

        ``end`` is the offset after the last; without it, the end at the time of call.
        """

    async def close(self) -> None:
        """Close the connections."""
