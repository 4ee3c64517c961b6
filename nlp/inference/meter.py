"""The time that models take by phase, and the sizes of their batches, of the whole process.

A worker has one model, but in ensembles, in the shadow and behind a router of languages there are
several; all of them count here. Whoever wants the numbers takes them.
"""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Literal, NamedTuple

Phase = Literal["tokenize", "forward", "finish"]
_MAX_BATCHES: Final = 4_096
"""Sizes that are kept until somebody takes them, the newest: nobody may ever do so."""


class Measured(NamedTuple):
    """The measures since the last time that somebody took them.

    Attributes:
        seconds: Seconds by phase.
        batch_tokens: The tokens of each forward pass, padding included.
    """

    seconds: Mapping[Phase, float]
    batch_tokens: list[int]


class ModelMeter:
    """Sums seconds by phase, and keeps the sizes of batches. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: defaultdict[Phase, float] = defaultdict(float)
        self._tokens: deque[int] = deque(maxlen=_MAX_BATCHES)

    @contextmanager
    def phase(self, name: Phase) -> Iterator[None]:
        """Add the seconds that the block takes."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - begin
            with self._lock:
                self._seconds[name] += seconds

    def batch(self, tokens: int) -> None:
        """Count a forward pass of so many tokens."""
        self._tokens.append(tokens)

    def take(self) -> Measured:
        """Return the measures since the last call of this."""
        with self._lock:
            seconds, self._seconds = self._seconds, defaultdict(float)
        tokens: list[int] = []
        while self._tokens:
            tokens.append(self._tokens.popleft())
        return Measured(seconds, tokens)


METER: Final = ModelMeter()
"""The meter of this process."""
