"""The doctor on a healthy cluster and on one with each fault: a line, what to do, an exit code."""

import asyncio
import re
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from infra.kafka.embedded import EmbeddedKafka
from tests.chaos.clock import Clock
from tests.infra.doctor.conditions import doctor, run_printed
from tests.streams.conditions import run, settings, worker

pytestmark = pytest.mark.kafka
EIGHT_DAYS_MS = 8 * 86_400_000


@pytest.fixture
def environment(kafka: str, prefix: str) -> dict[str, str]:
    """The settings of one test."""
    return settings(kafka, NEWSQUAKE_KAFKA__PREFIX=prefix)


@pytest.fixture
def with_topics(environment: dict[str, str]) -> dict[str, str]:
    """The settings of one test, whose topics exist."""
    run(environment, "topics", "create")
    return environment


def on_cluster(kafka: str, work: Callable[[AIOKafkaAdminClient], Awaitable[object]]) -> None:
    """Do ``work`` as an administrator."""

    async def do() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        await work(admin)
        await admin.close()

    asyncio.run(do())


def test_all_is_well_on_a_healthy_cluster_with_a_worker(
    with_topics: dict[str, str], tmp_path: Path
) -> None:
    """People would learn to overlook lines, and scripts could not rely on the code."""
    before = doctor(with_topics, "--model")
    assert (before.code, before.bad()) == (0, {})
    assert before.of("clock")["detail"].endswith("within 0.0 s of ours")
    assert "Kafka 4.3" in before.of("brokers")["detail"]
    with worker(with_topics, tmp_path / "log") as process:
        process.wait_for("stage started", times=3)
        during = doctor(with_topics)
    assert (during.code, during.bad()) == (0, {})
    assert during.of("groups")["detail"] == "members: ingest 1, score 1, detect 1"


def test_the_free_bytes_of_the_brokers_disk_are_told(jar_cache: Path, tmp_path: Path) -> None:
    """A disk that fills up would be seen when the broker ends, and not before."""
    with EmbeddedKafka(jar_cache, data=tmp_path) as broker:
        environment = settings(broker.bootstrap)
        run(environment, "topics", "create")
        line = doctor(environment).of("disk")
    match = re.fullmatch(r"(\S+) of (\S+) has ([\d.]+) of (\d+) GiB free", line["detail"])
    assert match, line
    folder, address, free, total = match.groups()
    usage = shutil.disk_usage(tmp_path)
    assert Path(folder).is_relative_to(tmp_path)
    assert address == broker.bootstrap
    assert float(free) == pytest.approx(usage.free / (1 << 30), abs=1.0)
    assert int(total) == pytest.approx(usage.total / (1 << 30), abs=1.0)


def test_missing_topics_are_named_and_the_printed_command_makes_them(
    environment: dict[str, str], prefix: str, jar_cache: Path
) -> None:
    """A newcomer would meet the missing topics one worker at a time."""
    report = doctor(environment)
    line = report.of("topics")
    assert (report.code, line["status"]) == (1, "fault")
    assert f"missing: {prefix}news.raw" in line["detail"]
    assert report.of("retention")["status"] == "not checked"
    run_printed(line, environment, jar_cache)
    assert doctor(environment).bad() == {}


@pytest.mark.parametrize(
    ("topic", "change", "status"),
    [
        ("news.dead", ("max.message.bytes", "1000000"), "fault"),
        ("state.score", ("cleanup.policy", "delete"), "fault"),
        ("news.accepted", ("retention.ms", "60000"), "warning"),
    ],
)
def test_a_wrong_setting_is_named_and_the_printed_command_mends_it(
    with_topics: dict[str, str],
    jar_cache: Path,
    topic: str,
    change: tuple[str, str],
    status: str,
) -> None:
    """An operator would type a command that does not do what it says."""
    full_name = with_topics["NEWSQUAKE_KAFKA__PREFIX"] + topic
    setting, value = change
    kafka = with_topics["NEWSQUAKE_KAFKA__BOOTSTRAP"]
    on_cluster(kafka, lambda admin: _change(admin, full_name, setting, value))
    report = doctor(with_topics)
    line = report.of("topic-settings")
    assert (line["status"], report.code) == (status, int(status == "fault"))
    assert f"{full_name}: {setting} is {value}" in line["detail"]
    run_printed(line, with_topics, jar_cache)
    assert doctor(with_topics).bad() == {}


async def _change(admin: AIOKafkaAdminClient, topic: str, setting: str, value: str) -> None:
    """Change one setting; the others stay."""
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    (answer,) = await admin.describe_configs([resource])
    ((*_, entries),) = answer.resources
    own = {entry[0]: entry[1] for entry in entries if entry[3] == 1}
    changed = ConfigResource(ConfigResourceType.TOPIC, topic, own | {setting: value})
    await admin.alter_configs([changed])


def test_a_clock_that_is_two_hours_ahead_is_named(
    with_topics: dict[str, str], tmp_path: Path
) -> None:
    """Kafka refuses what comes from such a machine, and nobody looks at a clock."""
    clock = Clock(tmp_path / "clock")
    clock.set(7_200)
    report = doctor(clock.environ(with_topics))
    line = report.of("clock")
    assert (report.code, line["status"]) == (1, "fault")
    assert "7200 s behind ours" in line["detail"]
    assert "timedatectl" in line["remedy"]


def test_another_number_of_partitions_is_named(
    environment: dict[str, str], kafka: str, prefix: str
) -> None:
    """Memory would be looked for in the wrong partition."""
    new = NewTopic(f"{prefix}news.accepted", 3, 1)
    on_cluster(kafka, lambda admin: admin.create_topics([new]))
    report = doctor(environment)
    details = [line["detail"] for line in report.lines if line["check"] == "topics"]
    assert any(f"{prefix}news.accepted has 3 partitions, not 2" in detail for detail in details)
    assert report.code == 1


async def test_a_committed_offset_beyond_the_end_is_named(
    with_topics: dict[str, str], kafka: str, prefix: str, tmp_path: Path
) -> None:
    """500 of 700 articles would wait for somebody to look at a log that says nothing."""
    source = KafkaPartition(f"{prefix}news.raw", 1)
    async with AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=f"{prefix}newsquake-ingest", enable_auto_commit=False
    ) as consumer:
        consumer.assign([source])
        await consumer.commit({source: 1_000})
    report = doctor(with_topics)
    line = report.of("positions")
    assert (report.code, line["status"]) == (1, "fault")
    assert f"ingest in {source.topic}-1: the position 1000 is beyond the end" in line["detail"]
    assert "start the worker" in line["remedy"]
    with worker(with_topics, tmp_path / "log", "--agents", "ingest") as process:
        process.wait_for("stage started")
        process.wait_for("the log is not the one that was read")
        process.stop()  # with what it corrected
    assert doctor(with_topics).bad() == {}


async def test_unread_records_that_are_dated_before_retention_are_named(
    with_topics: dict[str, str], kafka: str, prefix: str, jar_cache: Path
) -> None:
    """Kafka would delete them at its next check, and nobody know that they were there."""
    topic, old = f"{prefix}news.raw", int(time.time() * 1_000) - EIGHT_DAYS_MS
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        for _ in range(3):
            await producer.send_and_wait(topic, b"{}", partition=0, timestamp_ms=old)
        await producer.send_and_wait(topic, b"{}", partition=0)
    report = doctor(with_topics)
    line = report.of("retention")
    assert (report.code, line["status"]) == (0, "warning")
    assert f"3 offsets of {topic}-0 from offset 0 on are dated before" in line["detail"]
    run_printed(line, with_topics, jar_cache)
    assert doctor(with_topics).bad() == {}


async def test_another_program_in_the_group_of_an_agent_is_named(
    with_topics: dict[str, str], kafka: str, prefix: str
) -> None:
    """The agent could not join, and would end again and again."""
    async with AIOKafkaConsumer(
        f"{prefix}news.raw", bootstrap_servers=kafka, group_id=f"{prefix}newsquake-ingest"
    ):
        report = await asyncio.to_thread(doctor, with_topics)
    line = report.of("groups")
    assert (report.code, line["status"]) == (1, "fault")
    assert f"the group {prefix}newsquake-ingest of ingest has other members" in line["detail"]


@pytest.mark.parametrize(
    ("model", "words"),
    [("/no/such/folder", "/no/such/folder can't be used"), ("damaged", "can't be used")],
)
def test_a_model_that_cannot_be_read_is_named(
    with_topics: dict[str, str], tmp_path: Path, model: str, words: str
) -> None:
    """The worker would end at its start, after everything else was found to be in order."""
    folder = tmp_path / "damaged"
    folder.mkdir()
    for name in ("config.json", "newsquake.json", "model.safetensors", "tokenizer.json"):
        (folder / name).write_bytes(b"\0 damaged")
    name = str(folder) if model == "damaged" else model
    report = doctor({**with_topics, "NEWSQUAKE_NLP__MODEL": name}, "--model")
    line = report.of("model")
    assert (report.code, line["status"]) == (1, "fault")
    assert words in line["detail"]
    assert "NEWSQUAKE_NLP__MODEL" in line["remedy"]
