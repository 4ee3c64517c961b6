"""A stage: the plumbing around one handler, by the full names of its topics."""

from dataclasses import dataclass
from typing import Any, Generic

from streams.core.handler import Handler, M
from streams.core.letter_mask import LetterMask
from streams.monitoring.tracing import Tracing


@dataclass(frozen=True, slots=True)
class Stage(Generic[M]):
    """One step of a pipeline.

    Attributes:
        name: The name of the agent that users see.
        group: The consumer group. With the source it names the transactional ids, so two stages
            must never share one.
        source: The topic that is read.
        handler: Decides about the records.
        dead_letters: The topic that rejected records are written to.
        changelog: The compacted topic of the handler's memory; None if it remembers nothing.
        tick_seconds: The silence after which a partition gets a batch without records; None for
            never.
        max_records: The upper bound of records that the handler is given at a time, so that the
            results of a slow handler are committed early; None for no bound.
        version: The version of the program, for dead letters.
        positions: The compacted topic of position records, with at least as many partitions as
            the source; None if Kafka's committed offsets are enough.
        mask: Masks its dead letters; None if nothing is masked.
        tracing: Follows its records; None if nobody does.
    """

    name: str
    group: str
    source: str
    handler: Handler[M]
    dead_letters: str
    changelog: str | None = None
    tick_seconds: float | None = None
    max_records: int | None = None
    version: str = ""
    positions: str | None = None
    mask: LetterMask | None = None
    tracing: Tracing | None = None


AnyStage = Stage[Any]
"""A stage, whatever the type of its memory."""
