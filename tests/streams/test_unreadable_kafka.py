"""Batches that can't be decoded: told with their place, healed or gone past, and nothing lost."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.kafka.embedded import EmbeddedKafka
from streams.core.errors import UnreadableBatch
from streams.core.record import TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import Topic, create_topics
from tests.streams.conditions import articles, run, settings, worker
from tests.streams.damage import CRC_AT, CRC_END, damage, encode, produce
from tests.streams.proxy import Flip, broker_behind

pytestmark = pytest.mark.kafka
OFFSET_END, LENGTH_AT, VALUE_AT = 7, 8, 80
"""Places in a batch: the last byte of its offset, its length, and the value of its first record."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of the broker."""
    return tmp_path_factory.mktemp("kafka")


@pytest.fixture(scope="module")
def broker(jar_cache: Path, data: Path) -> Iterator[str]:
    """Return a broker whose files may be damaged."""
    with EmbeddedKafka(jar_cache, data=data) as broker:
        yield broker.bootstrap


@pytest.fixture
def environment(broker: str, prefix: str) -> dict[str, str]:
    """Return the settings of a worker with topics of its own."""
    environment = settings(broker, NEWSQUAKE_KAFKA__PREFIX=prefix)
    run(environment, "topics", "create")
    return environment


def send(broker: str, topic: str, header: bytes = b"name", codec: int = 0) -> bytes:
    """Write three batches of two articles each; return the second, which has the header."""
    lines = [line.encode() for line in articles(6).splitlines()]
    batches = [encode(lines[0:2]), encode(lines[2:4], header, codec), encode(lines[4:6])]
    asyncio.run(produce(broker, topic, *batches))
    return batches[1]


def read(environment: dict[str, str], what: str) -> list[dict[str, object]]:
    """Return what stands in a topic."""
    lines = run(environment, "watch", what, "--json", "--from-beginning", "--until-idle", "1")
    return [json.loads(line) for line in lines.splitlines()]


def test_a_header_name_that_is_no_utf8_stops_nothing(
    environment: dict[str, str], broker: str, prefix: str, tmp_path: Path
) -> None:
    """One strange header would stop all news for good."""
    send(broker, f"{prefix}news.raw", b"n\xff\xfee")
    for attempt in range(2):
        with worker(environment, tmp_path / f"log{attempt}", "--agents", "ingest,score") as process:
            process.wait_for("stage started", times=2)
            while len(read(environment, "scored")) < 6:
                assert process.process.poll() is None, process.text
            process.stop()
    assert len(read(environment, "scored")) == 6
    assert read(environment, "dead") == []


@pytest.mark.parametrize(
    ("place", "content", "lost"),
    [
        pytest.param(VALUE_AT, b"\xee\xee", 2, id="value"),
        pytest.param(LENGTH_AT, b"\x00\x0f\xff\xff", 4, id="length"),
        pytest.param(OFFSET_END, b"\x00", 2, id="offset of the last"),
        pytest.param(OFFSET_END - 2, b"\x10", 2, id="offset beyond the log"),
    ],
)
def test_a_damaged_batch_is_named_and_gone_past(  # noqa: PLR0913, PLR0917 - fixtures
    environment: dict[str, str], broker: str, data: Path, prefix: str, tmp_path: Path,
    place: int, content: bytes, lost: int,
) -> None:  # fmt: skip
    """The worker would loop without saying where, and nobody could get past the place."""
    topic = f"{prefix}news.raw"
    send(broker, topic)
    damage(data, topic, 1, place, content)
    command = ["topics", "skip", topic, "0", "2", "--reason", "power cut"]
    with worker(environment, tmp_path / "log", "--agents", "ingest") as process:
        process.wait_for("stage started")
        line = process.wait_for("a batch can't be read", seconds=15)
        facts = {name: line[name] for name in ("agent", "level", "topic", "partition", "offset")}
        source = {"topic": topic, "partition": 0, "offset": 2}
        assert facts == {"agent": "ingest", "level": "error", **source}
        assert line["end"] == 2 + lost
        assert f"newsquake topics skip {topic} 0 2 --reason" in line["remedy"]
        assert "would skip" in run(environment, *command)
        assert "goes on at offset" in run(environment, *command, "--yes")
        assert process.process.wait(20) == 1
        assert "goes on at" in process.text
        assert "Traceback" not in process.text
    with worker(environment, tmp_path / "second", "--agents", "ingest,score") as process:
        process.wait_for("stage started", times=2)
        while len(scored := read(environment, "scored")) < 6 - lost:
            assert process.process.poll() is None, process.text
    assert len(scored) == 6 - lost
    (dead,) = read(environment, "dead")
    assert "power cut" in json.dumps(dead)
    assert "skipped" in json.dumps(dead)


def test_a_missing_codec_is_named(
    environment: dict[str, str], broker: str, prefix: str, tmp_path: Path
) -> None:
    """A producer that begins to compress would stop the worker, and its operator look at Kafka."""
    send(broker, f"{prefix}news.raw", codec=4)
    (tmp_path / "cramjam.py").write_text("raise ImportError\n")
    path = f"{tmp_path}:{environment.get('PYTHONPATH', '')}"
    bare = {**environment, "PYTHONPATH": path}
    with worker(bare, tmp_path / "log", "--agents", "ingest") as process:
        line = process.wait_for("a batch can't be read", seconds=20)
        assert "aiokafka[zstd]" in line["problem"]
        assert (line["topic"], line["partition"], line["offset"]) == (f"{prefix}news.raw", 0, 2)


def test_a_batch_that_stays_broken_ends_the_worker(
    environment: dict[str, str], broker: str, data: Path, prefix: str, tmp_path: Path
) -> None:
    """A partition would stand still for ever in a worker that counts as alive."""
    topic = f"{prefix}news.raw"
    send(broker, topic)
    damage(data, topic, 1, VALUE_AT, b"\xee\xee")
    patience = {"NEWSQUAKE_WORKER__PATIENCE": "2", "NEWSQUAKE_WORKER__PATIENCE_LIMIT": "6"}
    with worker({**environment, **patience}, tmp_path / "log", "--agents", "ingest") as process:
        process.wait_for("a batch can't be read", seconds=15)
        line = process.wait_for("no progress", seconds=15)
        assert line["waits_for"] == f"the batch at offset 2 of {topic}-0"
        assert f"newsquake topics skip {topic} 0 2" in line["problem"]
        assert process.process.wait(20) == 1
        failed = process.wait_for("worker failed")
        assert f"waiting for the batch at offset 2 of {topic}-0" in failed["problem"]


@pytest.mark.parametrize(
    ("memory", "partition", "agent", "remedy"),
    [
        ("state.score", 0, "score", "from another replica or a backup"),
        ("state.positions", 0, "ingest", "`newsquake topics create`"),
        ("state.positions", 1, "ingest", "`newsquake topics create`"),
    ],
)
def test_memory_that_is_damaged_is_refused(  # noqa: PLR0913, PLR0917 - fixtures
    environment: dict[str, str], data: Path, prefix: str, tmp_path: Path,
    memory: str, partition: int, agent: str, remedy: str,
) -> None:  # fmt: skip
    """Articles of last week would be scored again, and nobody know which, nor what to do."""
    run(environment, "publish", "-", "--format", "jsonl", text=articles(20))
    with worker(environment, tmp_path / "log", "--agents", "ingest,score") as process:
        process.wait_for("stage started", times=2)
        while len(read(environment, "scored")) < 20:
            assert process.process.poll() is None, process.text
        process.stop()
    topic = f"{prefix}{memory}"
    damage(data, topic, 0, VALUE_AT, b"\xee\xee", partition=partition)
    with worker(environment, tmp_path / "again", "--agents", agent) as process:
        assert process.process.wait(20) == 1
        problem = process.wait_for("worker failed")["problem"]
        assert f"the batch at offset 0 of {topic}-{partition}" in problem
        assert remedy in problem
        assert "Traceback" not in process.text


@pytest.mark.parametrize(
    ("place", "content", "has_gaps"),
    [
        (OFFSET_END, b"\x03", False),
        (OFFSET_END, b"\x00", False),
        (OFFSET_END - 2, b"\x10", True),
    ],
)
async def test_a_scan_notices_an_offset_that_changed(  # noqa: PLR0913 - fixtures
    broker: str, data: Path, prefix: str, place: int, content: bytes, *, has_gaps: bool
) -> None:
    """Memory would be recalled, or moved, without what stood in the batch and behind it."""
    source = TopicPartition(f"{prefix}in", 0)
    cluster = Cluster(bootstrap=broker, partitions=1)
    await create_topics(cluster, [Topic(source.topic, {})])
    batches = [encode([b"%d" % offset, b"%d" % (offset + 1)]) for offset in (0, 2, 4)]
    await produce(broker, source.topic, *batches)
    damage(data, source.topic, 1, place, content)
    log, values = KafkaLog(cluster), list[bytes | None]()

    async def scan() -> None:
        async for records in log.scan(source, has_gaps=has_gaps):
            values.extend(record.value for record in records)

    with pytest.raises(UnreadableBatch) as error:
        await scan()
    assert (error.value.begin, error.value.end) == (2, 4)
    assert values == [b"0", b"1"]
    read = await log.read_at(source, [0, 1, 2, 3, 4, 5])
    wrong = {n: record for n, record in read.items() if record and record.value != b"%d" % n}
    assert wrong == {}
    assert read[4] is not None


@pytest.mark.parametrize("place", [CRC_END - CRC_AT + 20, OFFSET_END - CRC_AT])
def test_a_bit_that_flips_on_the_way_heals_at_the_next_fetch(
    jar_cache: Path, tmp_path: Path, place: int
) -> None:
    """One bad cable would stop a partition, and its operator set good articles aside."""
    with broker_behind(jar_cache, Flip) as (address, proxy):
        environment = settings(address)
        run(environment, "topics", "create")
        batch = send(address, "news.raw")
        proxy.place, proxy.needle = place, batch[CRC_AT : CRC_AT + 40]
        with worker(environment, tmp_path / "log", "--agents", "ingest,score") as process:
            process.wait_for("stage started", times=2)
            while len(read(environment, "scored")) < 6:
                assert process.process.poll() is None, process.text
            assert not proxy.needle
            process.stop()
        assert len(read(environment, "scored")) == 6
        assert read(environment, "dead") == []
        assert "a batch can't be read" not in process.text
