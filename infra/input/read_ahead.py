"""Reading ahead in a thread, so that a slow pipe does not delay items that were read already."""

import queue
import threading
import time
from collections.abc import Iterable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_MAX_WAITING_LISTS: Final = 8
"""The thread reads at most so many lists of items ahead."""

_MAX_ITEMS: Final = 500
"""Default length of a list."""

_GATHER_SECONDS: Final = 0.05
"""`ReadAhead.take` waits so long for more items after a first one."""

_POLL_SECONDS: Final = 0.2
"""`ReadAhead.take` waits so long for a first item."""


class ReadAhead(Generic[T]):
    """The items of ``source`` in lists of at most ``max_items``, available as soon as they come."""

    def __init__(self, source: Iterable[T], max_items: int = _MAX_ITEMS) -> None:
        self._source = source
        self._max_items = max_items
        self._items: queue.Queue[T | None] = queue.Queue(max_items * _MAX_WAITING_LISTS)
        self._error: BaseException | None = None
        self._ended = False
        threading.Thread(target=self._read, name="read-ahead", daemon=True).start()

    @property
    def ended(self) -> bool:
        """True once all items were taken and the source has ended."""
        return self._ended

    def take(self) -> list[T]:
        """Wait a moment for items; return an empty list if none came.

        Raises:
            BaseException: The error of ``source``, after the items before it.
        """
        items: list[T] = []
        deadline = time.monotonic() + _POLL_SECONDS
        while len(items) < self._max_items and not self._ended:
            try:
                item = self._items.get(timeout=max(0.001, deadline - time.monotonic()))
            except queue.Empty:
                break
            if not items:
                deadline = time.monotonic() + _GATHER_SECONDS
            if item is None:
                self._ended = True
            else:
                items.append(item)
        if self._ended and self._error and not items:
            raise self._error
        return items

    def _read(self) -> None:
        try:
            for item in self._source:
                self._items.put(item)
        except BaseException as error:  # noqa: BLE001 - `take` raises it again
            self._error = error
        self._items.put(None)
