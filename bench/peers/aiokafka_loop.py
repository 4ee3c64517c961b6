"""Run bare aiokafka, with a transaction for each fetch; arguments BOOTSTRAP GROUP TOPIC TOPIC….

Each topic is copied to the next one. It retries after 10 ms. With the default of 100 ms, each
transaction that immediately follows another would wait that long (see ``streams.kafka.kafka_log``),
and the comparison would be with a setting, not with a library.
"""

import asyncio
import signal
import sys
from itertools import pairwise

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer


async def main(bootstrap: str, group: str, *topics: str) -> None:
    """Run until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    stages = enumerate(pairwise(topics))
    await asyncio.gather(
        *(_run(bootstrap, f"{group}-{number}", *stage, stop) for number, stage in stages)
    )


async def _run(bootstrap: str, group: str, source: str, sink: str, stop: asyncio.Event) -> None:
    consumer = AIOKafkaConsumer(
        source,
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, transactional_id=group, retry_backoff_ms=10
    )
    async with consumer, producer:
        while not stop.is_set():
            await _transaction(consumer, producer, sink, group)


async def _transaction(
    consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, sink: str, group: str
) -> None:
    fetched = await consumer.getmany(timeout_ms=100)
    if not fetched:
        return
    async with producer.transaction():
        for records in fetched.values():
            for record in records:
                await producer.send(sink, record.value, record.key)
        offsets = {partition: records[-1].offset + 1 for partition, records in fetched.items()}
        await producer.send_offsets_to_transaction(offsets, group)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
