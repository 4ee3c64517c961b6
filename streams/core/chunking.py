"""Portions of the chunks that wait, such that a slow handler takes one on in about two seconds.

Its results are committed early then, a rebalance waits for one portion at most, and a kill costs no
more.

>>> size = PortionSize(1_000)
>>> for _ in range(5):
...     size.note(size.records, seconds=size.records / 92)
>>> size.records
184
>>> for _ in range(5):
...     size.note(size.records, seconds=0.05)
>>> size.records
1000
"""

from collections import deque
from collections.abc import Iterable
from typing import Final

from streams.core.consumer import Chunk

CALL_SECONDS: Final = 2.0
"""What a call of a slow handler may take: more records at a time are handled in less time each."""
FIRST_RECORDS: Final = 100
"""Records of the first portion, when it is not known yet how long they take."""
MIN_RECORDS: Final = 10
_MAX_CHANGE: Final = 2.0


class PortionSize:
    """The number of records that a handler is given at a time, by the time that they took so far.

    Attributes:
        records: The upper bound of the next portion; None for no bound.
    """

    def __init__(self, most: int | None) -> None:
        """Begin with `FIRST_RECORDS`; ``most`` is the bound of a fast handler, None for none."""
        self._most = most
        self.records = None if most is None else min(FIRST_RECORDS, most)

    def note(self, records: int, seconds: float) -> None:
        """Adapt to a call of the handler; with few records it tells only whether it was slow."""
        size = self.records
        if size is None or self._most is None or not records or seconds <= 0.0:
            return
        wanted = CALL_SECONDS * records / seconds
        if seconds > CALL_SECONDS or 2 * records >= size:
            changed = min(max(wanted, size / _MAX_CHANGE), size * _MAX_CHANGE)
            self.records = min(max(round(changed), MIN_RECORDS), self._most)


class WaitingChunks:
    """Chunks in their order, of which portions are taken."""

    def __init__(self) -> None:
        self._chunks: deque[Chunk] = deque()

    def __bool__(self) -> bool:
        return bool(self._chunks)

    def add(self, chunks: Iterable[Chunk]) -> None:
        """Let chunks wait after those that do already."""
        self._chunks.extend(chunks)

    def take(self, max_records: int | None) -> list[Chunk]:
        """Return the next portion, of ``max_records`` records or of all; none if nothing waits.

        A chunk that is cut is acknowledged with its last part.
        """
        portion: list[Chunk] = []
        room = max_records
        while self._chunks and room != 0:
            chunk = self._chunks.popleft()
            if room is not None and len(chunk.records) > room:
                rest = chunk._replace(records=chunk.records[room:])
                self._chunks.appendleft(rest)
                chunk = chunk._replace(records=chunk.records[:room], acknowledge=lambda: None)
            portion.append(chunk)
            room = None if room is None else room - len(chunk.records)
        return portion
