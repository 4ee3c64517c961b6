"""The page about other clients, each of its claims tried on a real broker."""

import asyncio
import base64
import subprocess
import time
import uuid
from collections.abc import Sequence
from importlib.metadata import requires
from io import BytesIO
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition

from agents.access import ROLES
from infra.kafka.jars import class_path
from infra.kafka.java import command
from schemas.channels import CHANNELS
from streams.core.record import TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, create_topics
from tests.streams.conditions import run, settings, worker

PAGE = Path(__file__).parents[2] / "docs/reading-topics.md"
GROUP_ID_NOT_FOUND = 69
CONSUMER_GROUP_HEARTBEAT, SHARE_GROUP_HEARTBEAT, SHARE_FETCH = 68, 76, 78
COORDINATOR_LOADS = {14, 15, 16}
NULL = NO_TAGS = b"\0"


def table() -> str:
    """Return the page's table of rights."""
    lines = ["| role | Read | Write | others |", "| --- | --- | --- | --- |"]
    for role, rights in ROLES.items():
        cells: dict[str, list[str]] = {"Read": [], "Write": [], "others": []}
        others: dict[str, list[str]] = {}
        for right in rights:
            name = f"`{right.name}`" + ("…" if right.is_prefix else "")
            if right.resource != "topic":
                cells["others"].append(f"{right.operation} on the {right.resource} {name}")
            elif right.operation in cells:
                cells[right.operation].append(name)
            else:
                others.setdefault(right.operation, []).append(name)
        everything = {f"`{channel.topic}`" for channel in CHANNELS}
        for names in dict.fromkeys(tuple(value) for value in others.values()):
            operations = [name for name, value in others.items() if tuple(value) == names]
            left_out = sorted(everything - set(names))
            of = "all topics" if not left_out else f"all but {', '.join(left_out)}"
            if role != "operator":
                of = "these topics"
                assert set(names) == {name for name in (*cells["Read"], *cells["Write"]) if name}
            cells["others"].append(f"{', '.join(operations)} on {of}")
        lines.append(f"| {role} | " + " | ".join(", ".join(cell) for cell in cells.values()) + " |")
    return "\n".join(lines)


def test_the_table_of_rights_is_that_of_the_code() -> None:
    """Operators would grant what the page says, and the workers need something else."""
    assert table() in PAGE.read_text("utf-8")


def text(value: str) -> bytes:
    """Return a compact string of Kafka's protocol (KIP-482)."""
    return bytes([len(value) + 1]) + value.encode()


def texts(values: Sequence[str]) -> bytes:
    """Return a compact array of strings."""
    return bytes([len(values) + 1]) + b"".join(map(text, values))


def number(value: int, size: int = 4) -> bytes:
    """Return a signed number of so many bytes."""
    return value.to_bytes(size, "big", signed=True)


class Answer(BytesIO):
    """The body of an answer, read from the front."""

    def number(self, size: int = 4) -> int:
        """Read a signed number of so many bytes."""
        return int.from_bytes(self.read(size), "big", signed=True)

    def count(self) -> int:
        """Read the number of items of a compact array, or of bytes of a compact string."""
        value = shift = 0
        while (byte := self.read(1)[0]) & 0x80:
            value, shift = value | (byte & 0x7F) << shift, shift + 7
        return (value | byte << shift) - 1

    def text(self) -> str:
        """Read a compact string; empty if it is null."""
        return self.read(max(0, self.count())).decode()


async def ask(bootstrap: str, key: int, version: int, body: bytes) -> Answer:
    """Send one request with a header of version 2, and return the answer behind its header."""
    host, _, port = bootstrap.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    request = number(key, 2) + number(version, 2) + number(1) + number(4, 2) + b"test" + NO_TAGS
    writer.write(number(len(request + body)) + request + body)
    answer = await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))
    writer.close()
    return Answer(answer[5:])


async def share(bootstrap: str, group: str, topic: str) -> set[int]:
    """Join a share group as its first member, and return the offsets that it is given."""
    member = base64.urlsafe_b64encode(uuid.uuid4().bytes)[:22].decode()
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group) as consumer:
        consumer.assign([KafkaPartition(topic, 0)])
        await consumer.committed(KafkaPartition(topic, 0))  # the broker makes its coordinator
    topic_id, epoch, deadline = b"", 0, time.monotonic() + 20
    while not topic_id:
        assert time.monotonic() < deadline
        names = texts([topic]) if epoch == 0 else NULL
        body = text(group) + text(member) + number(epoch) + NULL + names + NO_TAGS
        answer = await ask(bootstrap, SHARE_GROUP_HEARTBEAT, 1, body)
        answer.number()
        error, message = answer.number(2), answer.text()
        if error in COORDINATOR_LOADS:
            await asyncio.sleep(0.2)
            continue
        assert not error, message
        answer.text()
        epoch = answer.number()
        answer.number()
        if answer.number(1) > 0 and answer.count() > 0:
            topic_id = answer.read(16)
        await asyncio.sleep(0.2)
    offsets: set[int] = set()
    # The session of fetches is one of the connection: each request here begins one anew.
    while not offsets:
        assert time.monotonic() < deadline
        partition = number(0) + b"\1" + NO_TAGS
        topics = b"\2" + topic_id + b"\2" + partition + NO_TAGS
        limits = number(500) + number(1) + number(1 << 20) + number(100) + number(100)
        body = text(group) + text(member) + number(0) + limits + topics + b"\1" + NO_TAGS
        offsets = acquired(await ask(bootstrap, SHARE_FETCH, 1, body))
    return offsets


def acquired(answer: Answer) -> set[int]:
    """Return the offsets that a member was given in the one partition of ``answer``."""
    answer.number()
    error, message = answer.number(2), answer.text()
    assert not error, message
    answer.number()
    if answer.count() < 1:
        return set()
    answer.read(16)
    answer.count()
    answer.number()
    error, message = answer.number(2), answer.text()
    assert not error, message
    answer.number(2), answer.text()
    answer.read(9)
    answer.read(max(0, answer.count()))
    offsets: set[int] = set()
    for _ in range(answer.count()):
        first, last = answer.number(8), answer.number(8)
        offsets.update(range(first, last + 1))
        answer.read(3)
    return offsets


@pytest.mark.kafka
async def test_share_groups_see_aborted_records_unless_the_group_is_set_up(
    kafka: str, prefix: str, jar_cache: Path
) -> None:
    """A sink would send mail about alerts that were never raised."""
    topic = f"{prefix}alerts"
    await create_topics(Cluster(bootstrap=kafka, partitions=1), [Topic(topic, {})])
    async with AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=prefix) as producer:
        for value in (b"aborted", b"committed"):
            await producer.begin_transaction()
            await producer.send_and_wait(topic, value)
            end = producer.abort_transaction if value == b"aborted" else producer.commit_transaction
            await end()
    for group, values in (
        ("default", "share.auto.offset.reset=earliest"),
        ("committed", "share.isolation.level=read_committed,share.auto.offset.reset=earliest"),
    ):
        entity = ("--entity-type", "groups", "--entity-name", prefix + group)
        arguments = ("--bootstrap-server", kafka, "--alter", *entity, "--add-config", values)
        tool = command(class_path(jar_cache), "kafka.admin.ConfigCommand", *arguments)
        await asyncio.to_thread(subprocess.run, tool, check=True, capture_output=True, timeout=60)
        assert values in PAGE.read_text("utf-8")
        assert ({0, 2} & await share(kafka, prefix + group, topic)) == (
            {0, 2} if group == "default" else {2}
        )


@pytest.mark.kafka
async def test_consumers_of_the_new_protocol_are_told_that_the_agents_group_does_not_exist(
    kafka: str, prefix: str, tmp_path: Path
) -> None:
    """Whoever joins it would search for a misspelt name."""
    environment = settings(kafka, NEWSQUAKE_KAFKA__PREFIX=prefix)
    run(environment, "topics", "create")

    async def join(group: str) -> int:
        member = base64.urlsafe_b64encode(uuid.uuid4().bytes)[:22].decode()
        names = texts([f"{prefix}news.raw"])
        body = text(group) + text(member) + number(0) + NULL + NULL + number(60_000) + names
        body += NULL + NULL + b"\1" + NO_TAGS
        answer = await ask(kafka, CONSUMER_GROUP_HEARTBEAT, 1, body)
        answer.number()
        return answer.number(2)

    with worker(environment, tmp_path / "log", "--agents", "ingest") as ingest:
        ingest.wait_for("leases")
        ingest.wait_for("stage started")
        assert await join(f"{prefix}newsquake-ingest") == GROUP_ID_NOT_FOUND
        assert await join(f"{prefix}own") == 0


@pytest.mark.kafka
async def test_topics_that_are_compressed_with_zstd_are_read(kafka: str, prefix: str) -> None:
    """An agent would end at the first record of a producer that uses zstd."""
    topic = f"{prefix}news"
    await create_topics(
        Cluster(bootstrap=kafka, partitions=1), [Topic(topic, {"compression.type": "zstd"})]
    )
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        await producer.send_and_wait(topic, b"news " * 1_000)
    log = KafkaLog(Cluster(bootstrap=kafka))
    values = [
        record.value async for records in log.scan(TopicPartition(topic, 0)) for record in records
    ]
    assert values == [b"news " * 1_000]
    extras = [line for line in requires("aiokafka") or () if line.startswith("cramjam")]
    assert any("lz4" in line for line in extras)
    assert any("zstd" in line for line in extras)
