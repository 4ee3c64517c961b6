"""Read `news.silences`: a compacted topic of one partition, read to its end when it is needed."""

from typing import Final

import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay
from tenacity.wait import wait_random_exponential

from agents.silencing.silence_book import SilenceBook
from schemas.refusal import Refusal
from schemas.silence import Silence
from streams.core.log import Log
from streams.core.record import Record, TopicPartition

_PATIENCE_SECONDS: Final = 300.0
"""The time after which a log that can't be read ends the process, like any other failure."""
_MIN_PAUSE_SECONDS: Final = 0.1
_MAX_PAUSE_SECONDS: Final = 5.0
_log = structlog.get_logger(__name__)


class SilenceTable:
    """The silences of a log.

    Nothing runs in the background. Who decides asks for the silences of that moment, and gets all
    that was written before: two processes that ask after a record was written both know it.
    """

    def __init__(self, log: Log, topic: str, passing: tuple[type[Exception], ...] = ()) -> None:
        """Store where the silences are.

        Args:
            log: The log to read.
            topic: The full name of the topic.
            passing: Failures of the log after which it is asked again, such as a broker's absence.
        """
        self._log = log
        self._passing = passing
        self._source = TopicPartition(topic, 0)
        self._book = SilenceBook()
        self._position = 0

    async def current(self) -> SilenceBook:
        """Return the silences of all records that the log has now.

        The book is changed by the next call.

        Raises:
            Exception: The log can't be read, or was away for too long.
        """
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(self._passing),
            wait=wait_random_exponential(_MIN_PAUSE_SECONDS, _MAX_PAUSE_SECONDS),
            stop=stop_after_delay(_PATIENCE_SECONDS),
            reraise=True,
        )
        await retrying(self._catch_up)
        return self._book

    async def _catch_up(self) -> None:
        end = (await self._log.bounds(self._source)).end
        if end < self._position:  # the topic was made anew
            self._book, self._position = SilenceBook(), 0
        if end > self._position:
            scanned = self._log.scan(self._source, self._position, end, pass_unreadable=True)
            async for records in scanned:
                for record in records:
                    self._note(record)
            self._position = end

    def _note(self, record: Record) -> None:
        name = (record.key or b"").decode("utf-8", "replace")
        try:
            silence = Silence.from_event(record.value, record.headers) if record.value else None
        except Refusal as error:
            # What stands under this id is not known any more, and nobody must miss an alert for it.
            silence = None
            _log.warning(
                "a silence can't be read, and does not hold",
                topic=record.topic,
                offset=record.offset,
                problem=str(error),
            )
        self._book.note(name, silence)
