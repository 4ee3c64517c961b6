"""Rows on their way into a topic: whole batches, in turn to every partition."""

import asyncio
from collections.abc import Sequence
from itertools import cycle
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from infra.input.messages import InputMessage
from streams.kafka.cluster import Cluster
from streams.kafka.connection import client_options
from streams.kafka.kafka_log import BATCH_BYTES, REQUEST_BYTES

_LARGEST = 64 << 20


class Publisher:
    """An idempotent producer (KIP-98): a retry neither doubles nor reorders a row.

    A batch of rows goes to one partition, the next batch to the next one. Partitions stay about
    level, and within each rows are in the order of the file. ``refused`` are rows that the broker
    finds too large.
    """

    def __init__(self, cluster: Cluster, topic: str) -> None:
        self._topic = topic
        self._partitions = cycle(range(cluster.partitions))
        self._pending: set[asyncio.Task[None]] = set()
        self._batches = asyncio.Semaphore(4 * cluster.partitions)
        self._producer = AIOKafkaProducer(
            **client_options(cluster),
            enable_idempotence=True,
            acks="all",
            max_batch_size=BATCH_BYTES,
            max_request_size=max(REQUEST_BYTES, _LARGEST),
        )
        self.published = 0
        self.refused: list[InputMessage] = []

    async def send(self, rows: Sequence[InputMessage]) -> None:
        """Send rows in order; returns before they are acknowledged.

        Raises:
            KafkaError: an earlier batch could not be written.
        """
        for batch, own in _packed(rows, self._producer.create_batch):
            await self._submit(batch, own)

    async def flush(self) -> None:
        """Wait until all is acknowledged.

        Raises:
            KafkaError: a batch could not be written.
        """
        pending, self._pending = self._pending, set()
        await asyncio.gather(*pending)

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.wait([asyncio.ensure_future(self._producer.stop())], timeout=5)

    async def _submit(self, batch: Any, rows: list[InputMessage]) -> None:
        await self._batches.acquire()
        self._raise_failures()
        partition = next(self._partitions)
        sent = await self._producer.send_batch(batch, self._topic, partition=partition)
        task = asyncio.create_task(self._acknowledged(sent, rows))
        self._pending.add(task)

    async def _acknowledged(self, sent: "asyncio.Future[Any]", rows: list[InputMessage]) -> None:
        try:
            await sent
            self.published += len(rows)
        except MessageSizeTooLargeError:
            self.refused += rows
        finally:
            self._batches.release()

    def _raise_failures(self) -> None:
        done = {task for task in self._pending if task.done()}
        self._pending -= done
        for task in done:
            task.result()


def _packed(rows: Sequence[InputMessage], create: Any) -> list[tuple[Any, list[InputMessage]]]:
    parts: list[tuple[Any, list[InputMessage]]] = [(create(), [])]
    for row in rows:
        if _append(parts[-1][0], row) is None:
            parts.append((create(), []))
            _append(parts[-1][0], row)
        parts[-1][1].append(row)
    return [part for part in parts if part[1]]


def _append(batch: Any, row: InputMessage) -> Any:
    return batch.append(timestamp=None, key=None, value=row.value)
