"""Run FastStream, at least once; arguments BOOTSTRAP GROUP TOPIC TOPIC….

Each topic is copied to the next one by a subscriber of its own, which takes what a fetch returned,
sends all of it, waits until Kafka has it, and is then acknowledged. FastStream 0.7 takes a
transactional id and hands it to aiokafka, but begins no transaction and sends no offsets within
one: with the id each message is refused. So it has no exactly once to compare with.
"""

import asyncio
import signal
import sys
from itertools import pairwise
from typing import Any

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage

_RECORDS = 5_000


def main(bootstrap: str, group: str, *topics: str) -> None:
    """Run until SIGTERM."""
    broker = KafkaBroker(bootstrap, logger=None)
    for source, sink in pairwise(topics):
        _copy(broker, group, source, sink)
    asyncio.run(_run(FastStream(broker, logger=None)))


async def _run(app: FastStream) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, app.exit)
    await app.run()


def _copy(broker: KafkaBroker, group: str, source: str, sink: str) -> None:
    @broker.subscriber(
        source,
        batch=True,
        max_records=_RECORDS,
        group_id=group,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        ack_policy=AckPolicy.NACK_ON_ERROR,
    )
    async def copy(_: Any, message: KafkaMessage) -> None:
        sent = [
            await broker.publish(record.value, sink, key=record.key, no_confirm=True)
            for record in message.raw_message
        ]
        await asyncio.gather(*sent)


if __name__ == "__main__":
    main(*sys.argv[1:])
