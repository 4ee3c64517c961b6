"""Find where another leader began to write, from the leader epochs in record batches (KIP-101).

aiokafka knows no ``OffsetsForLeaderEpoch`` request, so batches are fetched here undecoded. Only a
log that lost records is ever read in this way.
"""

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.client import AIOKafkaClient

from streams.batches.raw_batches import fetch_raw

_READ_UNCOMMITTED = 0


async def find_leader_change(
    client: AIOKafkaClient, source: KafkaPartition, begin: int, end: int
) -> int | None:
    """Return the first offset from ``begin`` + 1 to ``end`` at which another leader began.

    None if there is none, or if the log ends before. ``begin`` is the offset of a record.
    """
    epoch: int | None = None
    position = begin
    while position <= end:
        fetched = await fetch_raw(client, source, position, isolation=_READ_UNCOMMITTED)
        if not fetched.batches:
            return None
        for batch in fetched.batches:
            epoch = batch.epoch if epoch is None else epoch
            if batch.epoch != epoch:
                return batch.begin if batch.begin <= end else None
            position = max(position, batch.end)
    return None
