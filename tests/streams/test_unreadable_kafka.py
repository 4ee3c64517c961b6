"""Batches that can't be decoded: told with their place, healed or gone past, and nothing lost."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.kafka.embedded import EmbeddedKafka
from tests.streams.conditions import articles, run, settings, worker
from tests.streams.damage import damage, encode, produce

pytestmark = pytest.mark.kafka
LENGTH_AT, VALUE_AT = 8, 80


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


def send(broker: str, topic: str, header: bytes = b"name", codec: int = 0) -> None:
    """Write three batches of two articles each; the second has the header."""
    lines = [line.encode() for line in articles(6).splitlines()]
    batches = [encode(lines[0:2]), encode(lines[2:4], header, codec), encode(lines[4:6])]
    asyncio.run(produce(broker, topic, *batches))


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
    [(VALUE_AT, b"\xee\xee", 2), (LENGTH_AT, b"\x00\x0f\xff\xff", 4)],
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
