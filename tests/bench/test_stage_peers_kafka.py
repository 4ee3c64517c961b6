"""Each peer really copies: what it is compared by is work that was done."""

import time
from itertools import islice
from pathlib import Path

import pytest
from articles import messages
from broker import Broker
from confluent_kafka import Consumer
from peer import running
from stage_peers import PEERS, prepared

pytestmark = pytest.mark.kafka
COUNT = 200
SECONDS = 150.0


def committed(bootstrap: str, topic: str, count: int) -> list[tuple[bytes, bytes]]:
    """Return the first ``count`` committed records of a topic, sorted."""
    settings = {"bootstrap.servers": bootstrap, "group.id": topic, "enable.auto.commit": False}
    settings |= {"auto.offset.reset": "earliest", "isolation.level": "read_committed"}
    consumer = Consumer(settings)
    consumer.subscribe([topic])
    found: list[tuple[bytes, bytes]] = []
    deadline = time.monotonic() + SECONDS
    while len(found) < count and time.monotonic() < deadline:
        records = [record for record in consumer.consume(500, timeout=0.5) if not record.error()]
        found += [(record.key(), record.value()) for record in records]
    consumer.close()
    return sorted(found)


@pytest.mark.parametrize("name", ["streams", "faststream", "bytewax", "faust", "pump"])
def test_a_peer_copies_every_message_through_two_stages(
    name: str, kafka: str, prefix: str, jar_cache: Path
) -> None:
    """A peer would be compared that drops messages, loses their keys, or does one stage of two."""
    broker, topics = Broker(kafka), [f"{prefix}{number}" for number in range(3)]
    broker.create([*topics, f"{topics[-1]}.positions"])
    sent = [(item.key, item.value) for item in messages(COUNT)]
    broker.fill(topics[0], islice(messages(COUNT), COUNT))
    makers, notes = prepared([name], jar_cache)
    assert notes == []
    peer = makers[name](kafka, f"{prefix}group", topics)
    assert peer.name == PEERS[name].title
    with running(peer) as process:
        found = committed(kafka, topics[-1], COUNT)
        process.check()
        assert process.usage().cpu > 0
    assert found == sorted(sent), process.log
