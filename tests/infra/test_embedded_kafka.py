"""The embedded broker is the real Kafka, and behaves like it when it is killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from infra.kafka.embedded import EmbeddedKafka
from infra.kafka.error import EmbeddedKafkaError
from infra.kafka.jars import class_path

UP = """
import sys
from pathlib import Path
from infra.kafka.foreground import up
up(0, 1, Path(sys.argv[1]), Path(sys.argv[2]))
"""
OFFLINE = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:1")


async def create(bootstrap: str, topic: str, replication: int = 1) -> None:
    """Create ``topic`` with one partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, replication)])
    finally:
        await admin.close()


async def send(bootstrap: str, topic: str, value: bytes) -> None:
    """Publish one record to all replicas."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        await producer.send_and_wait(topic, value)


async def read(bootstrap: str, topic: str, count: int) -> list[bytes | None]:
    """Read the first ``count`` records."""
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest"
    ) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        return [(await consumer.getone()).value for _ in range(count)]


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.kafka
async def test_a_record_comes_back(kafka: str, prefix: str) -> None:
    """Ready must mean ready: the first record after it is accepted and served."""
    await create(kafka, prefix + "topic")
    await send(kafka, prefix + "topic", b"tremor")
    assert await read(kafka, prefix + "topic", 1) == [b"tremor"]


@pytest.mark.kafka
async def test_data_survives_a_kill_and_a_restart(jar_cache: Path, tmp_path: Path) -> None:
    """Chaos tests kill the broker: what was acknowledged must be there when it is back."""
    with EmbeddedKafka(jar_cache, data=tmp_path / "data") as kafka:
        await create(kafka.bootstrap, "topic")
        await send(kafka.bootstrap, "topic", b"before")
        address = kafka.bootstrap
        kafka.kill()
        assert kafka.pids == [None]
        with pytest.raises(EmbeddedKafkaError, match="broker 0 ended by itself"):
            kafka.check()
        kafka.restart()
        assert kafka.bootstrap == address
        await send(kafka.bootstrap, "topic", b"after")
        assert await read(kafka.bootstrap, "topic", 2) == [b"before", b"after"]
        with pytest.raises(EmbeddedKafkaError, match="another embedded Kafka is running on"):
            EmbeddedKafka(jar_cache, data=tmp_path / "data").start()

    with EmbeddedKafka(jar_cache, data=tmp_path / "data") as kafka:
        assert await read(kafka.bootstrap, "topic", 2) == [b"before", b"after"]


@pytest.mark.kafka
def test_the_command_needs_no_network_and_stops_when_told(jar_cache: Path, tmp_path: Path) -> None:
    """Scripts wait for the line ``ready HOST:PORT`` and end it with SIGTERM."""
    class_path(jar_cache)  # the first start, which may need it
    argv = [sys.executable, "-c", UP, str(tmp_path / "data"), str(jar_cache)]
    environ = {**os.environ, **OFFLINE}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=environ) as command:
        assert command.stdout
        word, address = command.stdout.readline().decode().split()
        host, port = address.split(":")
        assert (word, host) == ("ready", "127.0.0.1")
        command.send_signal(signal.SIGTERM)
        assert command.wait(20) == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), 1)


@pytest.mark.kafka
async def test_three_brokers_lose_one_and_go_on(jar_cache: Path) -> None:
    """Replication is the point of several brokers: any one may die without stopping a write."""
    with EmbeddedKafka(jar_cache, brokers=3) as kafka:
        assert len(kafka.bootstrap.split(",")) == 3
        await create(kafka.bootstrap, "topic", replication=3)
        kafka.kill(0)
        await send(kafka.bootstrap, "topic", b"still here")
        kafka.restart(0)
        assert await read(kafka.bootstrap.split(",")[0], "topic", 1) == [b"still here"]


def test_a_taken_port_is_named(jar_cache: Path, taken: int) -> None:
    """The commonest failure is a broker that already runs there."""
    with pytest.raises(EmbeddedKafkaError, match=f"port {taken} is taken by another program"):
        EmbeddedKafka(jar_cache, port=taken).start()


def test_a_foreign_directory_is_left_alone(jar_cache: Path, tmp_path: Path) -> None:
    """A mistyped --data must not scatter a cluster into somebody's documents."""
    (tmp_path / "thesis.txt").write_text("four years")
    with pytest.raises(EmbeddedKafkaError, match="not empty and not an embedded Kafka's"):
        EmbeddedKafka(jar_cache, data=tmp_path).start()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_cluster_of_another_size_is_refused(jar_cache: Path, tmp_path: Path) -> None:
    """One broker started on a three-broker directory would wait for its quorum for ever."""
    mark = {"kafka": "4.3.1", "brokers": 3, "cluster_id": "x"}
    (tmp_path / "embedded-kafka.json").write_text(json.dumps(mark))
    with pytest.raises(EmbeddedKafkaError, match="with 3 broker"):
        EmbeddedKafka(jar_cache, data=tmp_path).start()


def test_a_broker_that_does_not_start_says_why(jar_cache: Path, tmp_path: Path) -> None:
    """Without the broker's own words a user can only guess."""
    mark = {"kafka": "4.3.1", "brokers": 1, "cluster_id": "x"}
    (tmp_path / "embedded-kafka.json").write_text(json.dumps(mark))
    (tmp_path / "broker-0" / "data").mkdir(parents=True)
    (tmp_path / "broker-0" / "data" / "meta.properties").write_text("nonsense")
    started = time.monotonic()
    with pytest.raises(EmbeddedKafkaError, match=r"broker 0 did not start: .*node ID not found"):
        EmbeddedKafka(jar_cache, data=tmp_path).start()
    assert time.monotonic() - started < 30
