"""A record batch of a transaction: aiokafka's, for keys and values that are bytes already."""

from typing import Any, Final

from aiokafka.producer.message_accumulator import BatchBuilder

from streams.core.record import Headers

BATCH_BYTES: Final = 768 * 1024
"""Bytes of a record batch, near the broker's default message limit of 1 MiB."""
_GZIP: Final = 1
"""The codec's number in a batch's attributes (KIP-98)."""


class TransactionBatch(BatchBuilder):  # type: ignore[misc] # aiokafka has no types
    """Adds a record without the calls of serializers that there are none of."""

    _relative_offset: int

    def append(
        self,
        *,
        timestamp: int | None,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
    ) -> Any:
        """See aiokafka's batch: add a record, and return None if the batch is full or closed."""
        if self._closed:
            return None
        offset = self._relative_offset
        added = self._builder.append(offset, timestamp, key, value, headers)
        if added is None:
            self.close()
        else:
            self._relative_offset = offset + 1
        return added


def create_batch() -> TransactionBatch:
    """Return an empty batch of a transaction."""
    return TransactionBatch(BATCH_BYTES, 0, is_transactional=True)


def create_compressed_batch() -> TransactionBatch:
    """Return an empty batch that is compressed when it is sent; Python itself has the codec."""
    return TransactionBatch(BATCH_BYTES, _GZIP, is_transactional=True)
