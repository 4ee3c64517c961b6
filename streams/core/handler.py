"""The interface between agents and plumbing: a handler decides, the pump carries it out."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from schemas.metrics.processing import Sample
from streams.core.record import Message, Record

if TYPE_CHECKING:
    from streams.monitoring.tracing import Tracing

Change = tuple[bytes, bytes | None]
"""A key of the handler's memory and its new value; None deletes the key (a tombstone)."""

M = TypeVar("M")
"""The type of a handler's memory of one partition."""


class Unavailable(Exception):
    """A handler can't decide about any record now, and no record is at fault.

    The memory is as it was. The message says what is missing.
    """


class Rejection(NamedTuple):
    """A record that becomes a dead letter.

    Attributes:
        record: The record as it was read.
        reason: A stable code that programs match on, such as ``invalid``.
        cause: The failure; its text tells people what is wrong with the record.
        idempotency_key: The identity of the content, empty if it could not be decoded.
        model: The model that failed on the record, empty if no model was asked.
        attempts: The number of times that the record was tried.
        source: Who sent the record, empty if nobody knows.
    """

    record: Record
    reason: str
    cause: Exception
    idempotency_key: str = ""
    model: str = ""
    attempts: int = 1
    source: str = ""


@dataclass(frozen=True, slots=True)
class Batch(Generic[M]):
    """Records of one source partition, in the order of their offsets.

    Attributes:
        partition: The number of the source partition.
        records: The records; empty for a tick.
        memory: The handler's memory of the partition.
        now: The wall clock in milliseconds since the epoch.
    """

    partition: int
    records: Sequence[Record]
    memory: M
    now: int


@dataclass(slots=True)
class Decision:
    """The results of one batch. The pump commits all of them in one transaction.

    Attributes:
        messages: Records to write.
        rejections: Records to set aside as dead letters.
        changes: Changes of the memory to write to the changelog.
        samples: Metrics to count once the transaction is committed.
        accepted: The number of records that were not rejected, by who sent them. It is only
            looked at beside rejections, and may then leave records out.
        after_commit: Is called once the transaction is committed, for effects outside Kafka, and
            never if it is not. It must return at once and not fail. After a crash nobody calls it:
            what it does must follow from the memory again
            (docs/decisions/0013-send-what-is-committed.md).
        links: The traces that led to a message besides that of its header, by the header's value.
    """

    messages: list[Message] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    accepted: Mapping[str, int] = field(default_factory=dict)
    after_commit: Callable[[], None] | None = None
    links: Mapping[bytes, Sequence[bytes]] = field(default_factory=dict)


class Handler(ABC, Generic[M]):
    """Decides about the records of one stage, and knows no Kafka.

    A handler may change the memory that it is given. The memory may thus be ahead of what is
    committed: any failure after ``handle`` ends the process, and the next one recalls the memory
    from the changelog.
    """

    @abstractmethod
    def recall(self, partition: int, entries: Iterable[Change]) -> M:
        """Return the memory of a partition, given the entries of its changelog.

        The entries come in the order of their last change; there are none for a new partition.
        """

    @abstractmethod
    async def handle(self, batches: Sequence[Batch[M]]) -> Sequence[Decision]:
        """Return one decision for each batch, in the same order.

        Any other exception ends the process; nothing of the batches is committed.

        Raises:
            Unavailable: No record can be decided about now. The stage pauses until `available`
                returns, and the same records then come again.
        """

    async def available(self) -> None:
        """Return once `handle` may be called again after it raised `Unavailable`.

        Any exception ends the process.
        """

    def obstacle(self) -> str:
        """Return why `handle` raised `Unavailable` and when it is tried again, for people."""
        return ""

    def is_occupied(self) -> bool:
        """Return whether a thread of the handler is at work, for which no exit should wait."""
        return False

    def observe_with(self, observe: Callable[[Iterable[Sample]], None]) -> None:
        """Take the function that counts metrics at once, without a transaction.

        By default all metrics are in decisions.
        """

    def trace_with(self, tracing: "Tracing") -> None:
        """Take what follows traces, in a worker that has it; by default it is not needed."""

    def prefetch(self, batches: Sequence[Batch[M]]) -> None:
        """Start slow work on batches that will probably be handled next.

        This is a hint. The batches may be passed again, be cut differently, or never be handled.
        The memory must not change here. By default nothing is started.
        """

    def forget_from(self, memory: M, position: int) -> None:
        """Forget the offsets from ``position`` on: other records will come there.

        This is called for each recalled memory. Only one whose source lost records on the broker
        has such offsets.
        """

    def reread_from(self, memory: M) -> int | None:  # noqa: ARG002 - the default has no use for it
        """Return the offset from which a recalled memory needs its source records again.

        A handler that holds records back relies on the source topic to keep them, instead of
        writing them to its changelog. None, the default, means that no record is needed.
        """
        return None

    def rereads_all(self, memory: M) -> bool:  # noqa: ARG002 - the default has no use for it
        """Return whether a recalled memory needs all source records that the log still has.

        What the log no longer has is then no loss, as it is from `reread_from` on.
        """
        return False

    def reread(self, memory: M, records: Sequence[Record]) -> None:
        """Restore records that were handled before a restart and that the memory lacks.

        This is called once for each part of the records from `reread_from` up to the committed
        offset, in order. By default the records are ignored.
        """
