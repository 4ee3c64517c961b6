"""A transactional producer that ended: why, and without a trace of what waited for it.

aiokafka keeps the cause in the task that sends, and has no public way to it.
"""

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidProducerIdMapping

if TYPE_CHECKING:
    from asyncio import Future


def is_forgotten(producer: AIOKafkaProducer) -> bool:
    """Return whether a producer ended because the broker no longer knows its transactional id.

    Kafka forgets it after ``transactional.id.expiration.ms``; aiokafka's errors do not say so.
    """
    task = producer._sender.sender_task  # noqa: SLF001 - there is no public way
    if task is None or not task.done() or task.cancelled():
        return False
    error: BaseException | None = task.exception()
    while error is not None and not isinstance(error, InvalidProducerIdMapping):
        error = error.__cause__ or error.__context__
    return error is not None


def retrieve_failures(producer: AIOKafkaProducer) -> None:
    """Ask for the exceptions of all that waited, or asyncio logs each with a traceback."""
    for future in _futures(producer):
        if future.done() and not future.cancelled():
            future.exception()


def _futures(producer: AIOKafkaProducer) -> Iterator["Future[Any]"]:
    end = producer._txn_manager.wait_for_transaction_end()  # noqa: SLF001 - as above
    if end is not None:
        yield end
    accumulator = producer._message_accumulator  # noqa: SLF001 - as above
    waiting = chain.from_iterable(accumulator._batches.values())  # noqa: SLF001 - as above
    for batch in (*waiting, *accumulator._pending_batches):  # noqa: SLF001 - as above
        yield batch.future
        yield batch._drain_waiter  # noqa: SLF001 - as above
