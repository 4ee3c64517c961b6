"""Read `news.silences`: a compacted topic of one partition, read to its end when it is needed."""

import structlog

from agents.silencing.silence_book import SilenceBook
from schemas.refusal import Refusal
from schemas.silence import Silence
from streams.core.log import Log
from streams.core.record import Record, TopicPartition

_log = structlog.get_logger(__name__)


class SilenceTable:
    """The silences of a log.

    Nothing runs in the background. Who decides asks for the silences of that moment, and gets all
    that was written before: two processes that ask after a record was written both know it.
    """

    def __init__(self, log: Log, topic: str) -> None:
        """Store where the silences are.

        Args:
            log: The log to read.
            topic: The full name of the topic.
        """
        self._log = log
        self._source = TopicPartition(topic, 0)
        self._book = SilenceBook()
        self._position = 0

    async def current(self) -> SilenceBook:
        """Return the silences of all records that the log has now.

        The book is changed by the next call.

        Raises:
            Exception: The log can't be read.
        """
        end = (await self._log.bounds(self._source)).end
        if end < self._position:  # the topic was made anew
            self._book, self._position = SilenceBook(), 0
        if end > self._position:
            scanned = self._log.scan(self._source, self._position, end, pass_unreadable=True)
            async for records in scanned:
                for record in records:
                    self._note(record)
            self._position = end
        return self._book

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
