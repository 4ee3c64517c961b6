"""The records that an agent has not read: offsets alone also count the markers of transactions."""

import time
from collections.abc import Mapping
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import KafkaError

from streams.core.errors import StreamError

MAX_COUNTED: Final = 64
"""Offsets up to which the records are counted; behind by more, an agent is behind."""
_POLL_MS: Final = 200
_COUNT_SECONDS: Final = 2.0

Gap = tuple[int, int]
"""The next offset that an agent reads, and the end of the log."""


class RecordLag:
    """Counts the records in the gaps between agents and the ends of their sources.

    A gap that has not changed is not read again.
    """

    def __init__(self) -> None:
        self._counted: dict[tuple[str, KafkaPartition, Gap], int] = {}

    async def count(
        self, reader: AIOKafkaConsumer, group: str, gaps: Mapping[KafkaPartition, Gap]
    ) -> int:
        """Return the number of records that ``group`` has not read.

        The reader is assigned to the partitions whose records are counted.
        """
        lags = {source: max(0, end - start) for source, (start, end) in gaps.items()}
        known = {
            source: self._counted[group, source, gap]
            for source, gap in gaps.items()
            if (group, source, gap) in self._counted
        }
        small = {
            source: gaps[source]
            for source, lag in lags.items()
            if 0 < lag <= MAX_COUNTED and source not in known
        }
        try:
            counted = await _records_in(reader, small) if small else {}
        except (KafkaError, StreamError):  # the offsets are an upper bound
            counted = {}
        others = {key: count for key, count in self._counted.items() if key[0] != group}
        latest = {**known, **counted}
        self._counted = others | {
            (group, source, gaps[source]): count for source, count in latest.items()
        }
        return sum({**lags, **latest}.values())


async def _records_in(
    reader: AIOKafkaConsumer, gaps: Mapping[KafkaPartition, Gap]
) -> dict[KafkaPartition, int]:
    """Return the number of records in each gap that could be read in time."""
    reader.assign(list(gaps))
    for source, (start, _) in gaps.items():
        reader.seek(source, start)
    counts, unread = dict.fromkeys(gaps, 0), set(gaps)
    deadline = time.monotonic() + _COUNT_SECONDS
    while unread and time.monotonic() < deadline:
        fetched = await reader.getmany(timeout_ms=_POLL_MS)
        for source, records in fetched.items():
            counts[source] += sum(record.offset < gaps[source][1] for record in records)
        for source in list(unread):
            if await reader.position(source) >= gaps[source][1]:
                unread.remove(source)
    return {source: count for source, count in counts.items() if source not in unread}
