"""Recognise a transactional id that Kafka forgot (``transactional.id.expiration.ms``)."""

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidProducerIdMapping


def is_forgotten(producer: AIOKafkaProducer) -> bool:
    """Return whether a producer ended because the broker no longer knows its transactional id.

    aiokafka keeps the cause in the task that sends, and raises errors without one.
    """
    task = producer._sender.sender_task  # noqa: SLF001 - there is no public way
    if task is None or not task.done() or task.cancelled():
        return False
    end = producer._txn_manager.wait_for_transaction_end()  # noqa: SLF001 - as above
    if end.done():
        end.exception()  # or asyncio logs that nobody asked for it
    error: BaseException | None = task.exception()
    while error is not None and not isinstance(error, InvalidProducerIdMapping):
        error = error.__cause__ or error.__context__
    return error is not None
