"""Which articles a partition has scored already."""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from streams.core.handler import Change

MILLISECOND = timedelta(milliseconds=1)


class DedupeSettings(BaseModel):
    """How long, and how many, articles are remembered. What is forgotten is scored again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window: Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=3650))] = Field(
        default=timedelta(days=7),
        description="A copy that comes later than this after the first counts as news.",
    )
    max_keys: int = Field(
        default=1_000_000,
        ge=1,
        le=1_000_000_000,
        description="Articles remembered per partition, the oldest go first; about 250 bytes each.",
    )


class SeenKeys:
    """Idempotency keys of one partition, each with the timestamp (ms) of the record accepted.

    Looking up, adding and forgetting are O(1). Time is that of records, never the wall clock, so
    a replayed log gives the same duplicates. A copy does not prolong the window.
    """

    def __init__(self, dedupe: DedupeSettings, entries: Iterable[Change] = ()) -> None:
        self._window = dedupe.window // MILLISECOND
        self._max_keys = dedupe.max_keys
        # A plain dict scans its deleted slots for the first entry: O(n) once many have gone.
        self._stamps: OrderedDict[bytes, int] = OrderedDict()
        for key, value in entries:
            if value is not None:
                self.add(key, int(value))

    def __len__(self) -> int:
        return len(self._stamps)

    def has(self, key: bytes, timestamp: int, latest: int | None = None) -> bool:
        """Whether a record of ``timestamp`` (ms) with ``key`` is a copy.

        ``latest`` is the timestamp of an equal key that is accepted but not yet added.
        """
        first = self._stamps.get(key) if latest is None else latest
        return first is not None and timestamp - first < self._window

    def add(self, key: bytes, timestamp: int) -> Change:
        """Remember ``key``, forget what has expired or is too much; what the changelog notes.

        What is forgotten needs no tombstone: recalling the changelog forgets it again.
        """
        self._stamps[key] = timestamp
        self._stamps.move_to_end(key)
        while len(self._stamps) > self._max_keys or self._expired(timestamp):
            self._stamps.popitem(last=False)
        return key, b"%d" % timestamp

    def _expired(self, timestamp: int) -> bool:
        return timestamp - next(iter(self._stamps.values())) >= self._window
