"""Reading ahead in a thread, so that a slow pipe does not hold up what was read already."""

import queue
import threading
import time
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")

_AHEAD = 8
_PARCEL = 500
_LINGER = 0.05
_POLL = 0.2


class ReadAhead(Generic[T]):
    """Items of ``source`` in lists of at most ``most``, as soon as there are any."""

    def __init__(self, source: Iterable[T], most: int = _PARCEL) -> None:
        self._source = source
        self._most = most
        self._items: queue.Queue[T | None] = queue.Queue(most * _AHEAD)
        self._error: BaseException | None = None
        self._ended = False
        threading.Thread(target=self._read, name="read-ahead", daemon=True).start()

    @property
    def ended(self) -> bool:
        """Nothing comes any more."""
        return self._ended

    def take(self) -> list[T]:
        """Wait a moment for items; an empty list means that none came.

        Raises:
            BaseException: what ``source`` raised, after the items before it.
        """
        taken: list[T] = []
        deadline = time.monotonic() + _POLL
        while len(taken) < self._most and not self._ended:
            try:
                item = self._items.get(timeout=max(0.001, deadline - time.monotonic()))
            except queue.Empty:
                break
            if not taken:
                deadline = time.monotonic() + _LINGER
            self._ended = item is None
            taken += [] if item is None else [item]
        if self._ended and self._error and not taken:
            raise self._error
        return taken

    def _read(self) -> None:
        try:
            for item in self._source:
                self._items.put(item)
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._error = error
        self._items.put(None)
