"""A producer that sends rows to a topic in whole batches, to each partition in turn."""

import asyncio
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from types import TracebackType
from typing import Any, Final, Self

from aiokafka.errors import InvalidTimestampError, MessageSizeTooLargeError

from infra.input.messages import InputMessage
from schemas.incoming import cloudevents
from streams.batches.transaction_batch import BATCH_BYTES
from streams.kafka.cluster import Cluster
from streams.kafka.connection import close_within, new_producer
from streams.kafka.kafka_log import REQUEST_BYTES
from streams.monitoring.tracing import Sending, Tracing, with_trace

_MAX_REQUEST_BYTES: Final = 64 << 20
"""Far above the broker's limit, so that the broker refuses a large row and not the client."""

_MILLISECONDS: Final = 1_000

_STOP_SECONDS: Final = 5.0
"""Time for the producer to close its connections."""


class Publisher:
    """An idempotent producer (KIP-98): a retry neither doubles nor reorders a row.

    A batch of rows goes to one partition, the next batch to the next partition. So partitions have
    about the same number of rows, and each has its rows in the order of the file.

    Attributes:
        published: Number of acknowledged rows.
        refused: Rows that are too large for the broker.
        misdated: Number of rows that the broker refused for their timestamps.
    """

    def __init__(
        self, cluster: Cluster, topic: str, partitions: int, tracing: Tracing | None = None
    ) -> None:
        self._tracing = tracing
        self._sendings: dict[bytes, Sending] = {}
        self._topic = topic
        self._partitions = cycle(range(partitions))
        self._pending: set[asyncio.Task[None]] = set()
        self._batches = asyncio.Semaphore(4 * partitions)
        self._producer = new_producer(
            cluster,
            enable_idempotence=True,
            acks="all",
            max_batch_size=BATCH_BYTES,
            max_request_size=max(REQUEST_BYTES, _MAX_REQUEST_BYTES),
        )
        self.published = 0
        self.refused: list[InputMessage] = []
        self.misdated = 0

    async def send(self, rows: Sequence[InputMessage]) -> None:
        """Send rows in order; return before they are acknowledged.

        Raises:
            KafkaError: An earlier batch could not be written.
        """
        for batch, batch_rows in _pack(self._traced(rows), self._producer.create_batch):
            await self._batches.acquire()
            done = {task for task in self._pending if task.done()}
            self._pending -= done
            for task in done:
                task.result()  # raises the failure of the task, if any

            partition = next(self._partitions)
            ack = await self._producer.send_batch(batch, self._topic, partition=partition)
            self._pending.add(asyncio.create_task(self._await_ack(ack, batch_rows)))

    async def flush(self) -> None:
        """Wait until all rows are acknowledged.

        Raises:
            KafkaError: A batch could not be written.
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
        await close_within(self._producer.stop(), _STOP_SECONDS)

    async def _await_ack(self, ack: "asyncio.Future[Any]", rows: list[InputMessage]) -> None:
        try:
            await ack
            self.published += len(rows)
        except MessageSizeTooLargeError:
            self.refused += rows
        except InvalidTimestampError:
            self.misdated += len(rows)
        finally:
            self._batches.release()
            for row in rows if self._tracing else ():
                for _, value in cloudevents.trace(row.headers):
                    self._sendings.pop(value).end("")

    def _traced(self, rows: Sequence[InputMessage]) -> Sequence[InputMessage]:
        """Return ``rows``, each with the header of its trace."""
        if self._tracing is None:
            return rows
        traced = list[InputMessage]()
        for row in rows:
            sending = self._tracing.start(f"send {self._topic}", [row.headers])
            self._sendings[sending.traceparent] = sending
            headers = tuple(with_trace(row.headers, sending.traceparent))
            traced.append(row._replace(headers=headers))
        return traced


def _pack(
    rows: Sequence[InputMessage], create_batch: Callable[[], Any]
) -> list[tuple[Any, list[InputMessage]]]:
    """Divide ``rows``, which are sent now, into batches; return each batch with its rows."""
    batches: list[tuple[Any, list[InputMessage]]] = []
    batch, now = create_batch(), int(time.time() * _MILLISECONDS)
    batch_rows: list[InputMessage] = []
    for row in rows:
        # append returns None if the batch is full; an empty batch takes a row of any size.
        record = {"timestamp": now, "key": None, "value": row.value, "headers": list(row.headers)}
        if batch.append(**record) is None:
            batches.append((batch, batch_rows))
            batch, batch_rows = create_batch(), []
            batch.append(**record)
        batch_rows.append(row)
    return [*batches, (batch, batch_rows)] if batch_rows else batches
