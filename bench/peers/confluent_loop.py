"""Run bare confluent-kafka, 1 000 records a transaction; arguments BOOTSTRAP GROUP TOPIC TOPIC….

Each topic is copied to the next one, by a thread of its own.
"""

import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import pairwise

from confluent_kafka import Consumer, Producer

_RECORDS = 1_000


def main(bootstrap: str, group: str, *topics: str) -> None:
    """Run until SIGTERM; a stage that fails ends all of them."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with ThreadPoolExecutor() as pool:
        stages = enumerate(pairwise(topics))
        runs = [
            pool.submit(_run, bootstrap, f"{group}-{number}", *stage, stop)
            for number, stage in stages
        ]
        try:
            for run in as_completed(runs):
                run.result()
        finally:
            stop.set()


def _run(bootstrap: str, group: str, source: str, sink: str, stop: threading.Event) -> None:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
    )
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": group})
    producer.init_transactions()
    consumer.subscribe([source])
    while not stop.is_set():
        _transaction(consumer, producer, sink)
    consumer.close()


def _transaction(consumer: Consumer, producer: Producer, sink: str) -> None:
    records = consumer.consume(_RECORDS, timeout=0.1)
    if not records:
        return
    producer.begin_transaction()
    for record in records:
        producer.produce(sink, record.value(), record.key())
    positions = consumer.position(consumer.assignment())
    producer.send_offsets_to_transaction(positions, consumer.consumer_group_metadata())
    producer.commit_transaction()


if __name__ == "__main__":
    main(*sys.argv[1:])
