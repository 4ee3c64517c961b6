"""A stage: where records come from, who decides about them, where the rest of it is written."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from streams.core.handler import Handler, Rereader, Starter

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Stage(Generic[M]):
    """One step of a pipeline, by the full names of its topics.

    ``group`` is the consumer group; with the source it names the transactional ids, so two
    stages never share one. ``changelog`` is the compacted topic of the handler's memory, if it has
    one. ``tick`` is the pause in seconds after which a silent partition gets a batch of no records.
    ``rereader`` gives the memory the records back that it held.
    ``starter`` is told of the records that come next, while those before are decided about.
    ``most`` is how many records the handler is given at a time, for one that is slow: what comes of
    them is committed while it is at the next.
    """

    name: str
    group: str
    source: str
    handler: Handler[M]
    dead: str
    changelog: str | None = None
    tick: float | None = None
    rereader: Rereader[M] | None = None
    starter: Starter[M] | None = None
    most: int | None = None
    version: str = ""
