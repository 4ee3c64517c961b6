"""The traces of the signals that an alert may have as evidence."""

from collections import OrderedDict
from typing import Final

from schemas.alert import Alert
from schemas.incoming import cloudevents
from streams.core.record import Record

MAX_ARTICLES: Final = 20_000
"""Articles whose traces are remembered, the oldest go first; about 200 bytes each."""


class TraceBook:
    """Remembers the trace of each article by its key. It is no part of the detector's state.

    After a restart it knows the signals that are read again, and those that come.
    """

    def __init__(self) -> None:
        self._traces: OrderedDict[str, bytes] = OrderedDict()

    def add(self, key: str, record: Record) -> None:
        """Remember the trace of the article with ``key``, if its signal has one."""
        for _, value in cloudevents.trace(record.headers):
            self._traces[key] = value
            if len(self._traces) > MAX_ARTICLES:
                self._traces.popitem(last=False)

    def of(self, alert: Alert) -> list[bytes]:
        """Return the traces of an alert's headlines, the most telling first."""
        keys = dict.fromkeys(headline.key for headline in alert.headlines)
        return [trace for key in keys if (trace := self._traces.get(key))]
