"""The seam between the business and the plumbing: handlers decide, the pump does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, TypeVar

from schemas.metrics import Sample
from streams.core.record import Message, Record

Change = tuple[bytes, bytes | None]
"""A key of a stage's memory and its new value; ``None`` forgets the key (a tombstone)."""

M = TypeVar("M")
Held_contra = TypeVar("Held_contra", contravariant=True)


class Rejection(NamedTuple):
    """A record that a stage sets aside, and why.

    ``reason`` is a stable code that programs match on; ``cause`` carries the words for people.
    """

    record: Record
    reason: str
    cause: Exception
    idempotency_key: str = ""
    model: str = ""
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Batch(Generic[M]):
    """Records of one partition in the order of their offsets, with what is remembered of it.

    ``now`` is the wall clock in milliseconds since the epoch. ``records`` is empty for a tick.
    """

    partition: int
    records: Sequence[Record]
    memory: M
    now: int


@dataclass(slots=True)
class Decision:
    """What becomes of one batch; the pump makes all of it happen in one transaction."""

    messages: list[Message] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    facts: list[Sample] = field(default_factory=list)
    """What is to be counted once all of it is committed."""


class Rereader(Protocol[Held_contra]):
    """A memory that holds records of its own source: the log keeps them, no changelog has to."""

    def unread(self, memory: Held_contra) -> int | None:
        """Offset of the first record that ``memory`` lacks after its recall; None if none does."""

    def reread(self, memory: Held_contra, records: Sequence[Record]) -> None:
        """Records from `unread` on that were handled before, in order, for ``memory`` to keep."""


class Starter(Protocol[M]):
    """A handler with slow work that depends on the records alone, and can be begun early."""

    def start(self, batches: Sequence[Batch[M]]) -> None:
        """Records that will be handled after all that were started before, unless they are not.

        It is a hint, and nothing is decided: the memory stays as it is, and what is handled in the
        end may be other records, or be started again.
        """


class Handler(Protocol[M]):
    """One stage's business. It knows no Kafka and may change the memory that it is handed.

    Memory may run ahead of what is committed: whatever fails after ``handle`` ends the process,
    and the memory is recalled from the changelog.
    """

    def recall(self, partition: int, entries: Iterable[Change]) -> M:
        """The memory of a partition, from its changelog; no entries for a fresh one."""

    async def handle(self, batches: Sequence[Batch[M]]) -> Sequence[Decision]:
        """One decision a batch, in the same order."""
