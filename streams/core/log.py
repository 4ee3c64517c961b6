"""The interface between stages and a log: Kafka, or the log in memory that passes its tests."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from streams.core.record import Message, Record, TopicPartition


class Bounds(NamedTuple):
    """The offsets that a partition has.

    Attributes:
        start: The offset of the first record that is still kept.
        end: The offset after the last record, whether its transaction is open or not.
    """

    start: int
    end: int


class Session(Protocol):
    """The exclusive right of one worker to write on behalf of one source partition."""

    async def commit(self, messages: Sequence[Message], position: int, note: str = "") -> None:
        """Write all of ``messages`` and move the source's committed offset, or do neither.

        ``note`` stands beside the offset until the next commit.

        Raises:
            Fenced: Another session was opened for the same source since.
            SessionExpired: The log forgot the session, since it was idle for too long.
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
        """Return the offset that ``group`` reads next in ``source``.

        It is 0 before the first commit, and when the log forgot the group.
        """

    async def bounds(self, source: TopicPartition) -> Bounds:
        """Return the offsets that ``source`` has now."""

    async def note(self, group: str, source: TopicPartition) -> str:
        """Return the note of the last commit of ``group`` for ``source``, empty if it has none."""

    def scan(
        self,
        source: TopicPartition,
        begin: int = 0,
        end: int | None = None,
        *,
        pass_unreadable: bool = False,
        has_gaps: bool = True,
    ) -> AsyncIterator[Sequence[Record]]:
        """Read the committed records of ``source`` from offset ``begin`` on that are still kept.

        ``end`` is the offset after the last; without it, the end at the time of call. Before
        ``end``, open transactions are waited for. With ``pass_unreadable``, a batch that can't be
        read is logged and left out. A topic that is not compacted has no gaps between offsets:
        without ``has_gaps``, one there is a batch that can't be read.

        Raises:
            UnreadableBatch: A batch can't be read.
        """

    async def read_at(
        self, source: TopicPartition, offsets: Collection[int]
    ) -> Mapping[int, Record | None]:
        """Return the committed records at ``offsets`` of ``source``, as far as there are any.

        None stands for a record in a batch that can't be read. The topic must not be compacted.
        """

    async def leader_change(self, source: TopicPartition, begin: int, end: int) -> int | None:
        """Return the first offset after ``begin``, up to ``end``, at which another leader began.

        ``begin`` is the offset of a record. What is written after a truncation is written under
        another leader (KIP-101). None if there is no such offset.
        """

    async def close(self) -> None:
        """Close the connections."""
