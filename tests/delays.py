"""The time for which news waits, as seen by a consumer of the pipeline's results."""

import asyncio
import time
from typing import Any

from aiokafka import TopicPartition as KafkaPartition

from agents.cluster_layout import ClusterLayout
from schemas.channels import SCORED, SIGNALS, STATE_DETECT
from schemas.sent_time import sent_at
from streams.kafka.connection import committed_reader

_POLL_MS = 50
_MILLISECONDS = 1_000
_USUAL_SECONDS = 1.0


class Delays:
    """Reads what is committed, from now on, and remembers the longest waits in seconds.

    Attributes:
        scored: The number of scored articles.
        until_scored: The longest time from sending an article until its score could be read. It
            contains each pause of `ingest` and of `score`, of any partition.
        latest: That time of the article that was scored last.
        until_counted: The longest time from a signal until `detect` committed something.
    """

    def __init__(self, layout: ClusterLayout) -> None:
        self._layout = layout
        self.scored = 0
        self.until_scored = self.latest = self.until_counted = 0.0
        self._signals_since: float | None = None

    def __str__(self) -> str:
        return f"until scored {self.until_scored:.1f} s, until counted {self.until_counted:.1f} s"

    @property
    def longest(self) -> float:
        """The longest of both waits, with that of signals that wait now."""
        waiting = 0.0 if self._signals_since is None else time.time() - self._signals_since
        return max(self.until_scored, self.until_counted, waiting)

    async def settled(self) -> None:
        """Wait until news comes as fast as usual."""
        while not (self.scored and self.latest < _USUAL_SECONDS):  # noqa: ASYNC110 - the pipeline's
            await asyncio.sleep(_POLL_MS / _MILLISECONDS)

    async def begin(self) -> None:
        """Wait until news comes as fast as usual, and measure from then on."""
        await self.settled()
        self.until_scored = self.until_counted = 0.0

    async def run(self) -> None:
        """Read until cancelled."""
        partitions = [
            KafkaPartition(self._layout.topic(channel.topic), number)
            for channel in (SCORED, SIGNALS, STATE_DETECT)
            for number in range(self._layout.count(channel))
        ]
        async with committed_reader(self._layout) as reader:
            reader.assign(partitions)
            await reader.seek_to_end(*partitions)
            while True:
                for partition, records in (await reader.getmany(timeout_ms=_POLL_MS)).items():
                    topic = partition.topic.removeprefix(self._layout.prefix)
                    self._take(topic, records, time.time())

    def _take(self, topic: str, records: list[Any], now: float) -> None:
        if topic == SCORED.topic:
            self.scored += len(records)
            for record in records:
                sent = sent_at(record.headers, record.timestamp) / _MILLISECONDS
                self.latest = now - sent
                self.until_scored = max(self.until_scored, self.latest)
        elif topic == SIGNALS.topic:
            self._signals_since = self._signals_since or now
        elif self._signals_since is not None:
            self.until_counted = max(self.until_counted, now - self._signals_since)
            self._signals_since = None
