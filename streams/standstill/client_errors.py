"""The last error of the Kafka client, which it logs and does not raise.

aiokafka retries what may pass, and tells the reason to its loggers alone. These are silent while
brokers are away (`infra.logging`), so that a watchdog asks here.
"""

import logging
import time
from typing import Final, Self

_LOGGER: Final = "aiokafka"
_MAX_CHARACTERS: Final = 300


class ClientErrors(logging.Handler):
    """Remembers the last warning or error of aiokafka; use it as a context manager."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._last: tuple[logging.LogRecord, float] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Remember the record; its text is made only when somebody asks."""
        self._last = (record, time.monotonic())

    def last(self, since: float = 0.0) -> str:
        """Return the last line that was logged after ``since``; empty if there is none."""
        if self._last is None or self._last[1] < since:
            return ""
        return " ".join(self._last[0].getMessage().split())[:_MAX_CHARACTERS]

    def __enter__(self) -> Self:
        logging.getLogger(_LOGGER).addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger(_LOGGER).removeHandler(self)
