"""Silences and past alerts on a real broker, by the commands that people type."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from agents.event_message import event_message
from cli.io.topic_scan import scan_topic
from schemas.alert import Alert
from schemas.signal import Signal
from schemas.silence import SILENCED_HEADER
from streams.core.record import Message, Record, TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog

Run = Callable[..., CompletedProcess[str]]
START = datetime(2024, 3, 1, tzinfo=UTC)
COMPANIES = ("ACME", "EMCA")
"""The company of each of the two partitions of signals."""
HOLDS_SECONDS = 2.0
SECONDS = 100.0
SCRIPT = Path(sys.executable).with_name("newsquake")

pytestmark = pytest.mark.kafka


def news(topic: str, company: str, hours: float, headline: str, negative: float) -> Message:
    """Return a signal about a company, in the company's partition."""
    published = START + timedelta(hours=hours)
    said = Signal(
        subject=f"company:{company}", key=f"{company}-{headline}", published=published,
        negative=negative, neutral=1 - negative, positive=0.0, headline=headline, source="wire",
        model="m", lineage="0.0",
    )  # fmt: skip
    market = COMPANIES.index(company) if company in COMPANIES else int(company[-1])
    message = event_message(topic, said, key=said.subject, event_id=said.key, time=published)
    return message._replace(partition=market)


def until_the_storm(topic: str) -> list[Message]:
    """Return sixty quiet days of four companies, and an hour of bad news about two of them."""
    messages = []
    for number, company in enumerate(COMPANIES):
        messages += [
            news(topic, company, 12 * n, f"{company} opens office {n}", 0.05) for n in range(120)
        ]
        other = f"QUIET{number}"
        messages += [news(topic, other, 24 * n + 5, f"{other} hires {n}", 0.05) for n in range(60)]
        messages += [
            news(topic, company, 1440 + n / 60, f"{n} losses of {n * n} in {n**3}", 0.97)
            for n in range(40)
        ]
    return sorted(messages, key=lambda message: dict(message.headers)["ce_time"])


def after_the_storm(topic: str) -> list[Message]:
    """Return the next news, which ends the hour, so that the alerts fire."""
    return [news(topic, company, 1442, f"{company} moves", 0.05) for company in COMPANIES]


async def send(bootstrap: str, messages: list[Message]) -> None:
    """Write messages, one after the other."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for topic, key, value, headers, _, partition in messages:
            await producer.send(topic, value, key, partition, headers=list(headers))
        await producer.flush()


async def wait_until_counted(cluster: Cluster, topic: str) -> None:
    """Wait until the detectors have committed all signals."""
    log, group = KafkaLog(cluster), cluster.topic("newsquake-detect")
    deadline = time.monotonic() + SECONDS
    for market in range(2):
        source = TopicPartition(topic, market)
        while await log.committed(group, source) < (await log.bounds(source)).end:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)


async def alerts(cluster: Cluster, count: int) -> list[Record]:
    """Return the records of alerts, once there are ``count``."""
    deadline = time.monotonic() + SECONDS
    while True:
        records = [record async for record in scan_topic(cluster, cluster.topic("alerts"))]
        if len(records) >= count:
            return records
        assert time.monotonic() < deadline, records
        await asyncio.sleep(0.1)


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Settings with two markets, so that two workers have a partition each."""
    return {
        **environment,
        "NEWSQUAKE_KAFKA__PARTITIONS": "1",
        "NEWSQUAKE_KAFKA__SIGNAL_PARTITIONS": "2",
        "TZ": "Europe/Berlin",
    }


class Workers:
    """Two workers with the detector."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        """Store what they are started with; ``folder`` gets their logs."""
        self.environment, self.folder = environment, folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.logs: list[Path] = []

    def start(self) -> None:
        """Start two workers, and wait until each holds a market."""
        self.processes, self.logs = [], []
        for number in range(2):
            self.logs.append(self.folder / f"worker-{time.monotonic_ns()}-{number}.log")
            with self.logs[-1].open("wb") as file:
                arguments = [str(SCRIPT), "worker", "--agents", "detect"]
                self.processes.append(
                    subprocess.Popen(arguments, env=self.environment, stderr=file)
                )
        deadline = time.monotonic() + SECONDS
        while sorted(map(self.held, self.logs)) != [[0], [1]]:
            assert time.monotonic() < deadline, [log.read_text() for log in self.logs]
            time.sleep(0.2)

    @staticmethod
    def held(log: Path) -> list[int]:
        """Return the markets that a worker holds, as its log says."""
        lines = [line for line in log.read_text().splitlines() if '"event": "leases"' in line]
        return list(json.loads(lines[-1])["held"]) if lines else []

    def kill(self) -> None:
        """Kill both, as a power cut would."""
        for worker in self.processes:
            worker.kill()
            worker.wait(20)

    def stop(self) -> None:
        """Stop both; they must end well."""
        for worker in self.processes:
            worker.send_signal(signal.SIGTERM)
        codes = [worker.wait(40) for worker in self.processes]
        assert codes == [0, 0], [log.read_text() for log in self.logs]


@contextmanager
def two_workers(environment: dict[str, str], folder: Path) -> Iterator[Workers]:
    """Run two workers for the block."""
    workers = Workers(environment, folder)
    try:
        yield workers
        workers.stop()
    finally:
        workers.kill()


def succeeded(result: CompletedProcess[str]) -> str:
    """Return what a command printed; it must succeed."""
    assert result.returncode == 0, result.stderr
    return result.stdout


async def silence_all(newsquake: Run) -> None:
    """Silence each company by the command."""
    for company in COMPANIES:
        subject = f"company:{company}"
        command = ("silence", subject, "--for", "1h", "--why", "known", "--who", "ada")
        succeeded(await asyncio.to_thread(newsquake, *command))


def check_silenced(records: list[Record]) -> None:
    """Check that each company's alert fires once, and is marked."""
    silenced = {record.key: dict(record.headers).get(SILENCED_HEADER) for record in records}
    assert silenced.keys() == {f"company:{company}".encode() for company in COMPANIES}
    assert all(silenced.values())
    assert [Alert.from_bytes(record.value).status for record in records] == ["firing", "firing"]


async def test_a_silence_set_while_alerts_are_pending_holds_on_two_workers(
    newsquake: Run, environment: dict[str, str], kafka: str, prefix: str, tmp_path: Path
) -> None:
    """People would be woken by what they silenced, until all workers were started again."""
    succeeded(newsquake("topics", "create"))
    cluster, topic = Cluster(bootstrap=kafka, prefix=prefix), f"{prefix}news.signals"
    with two_workers(environment, tmp_path) as workers:
        await asyncio.to_thread(workers.start)
        await send(kafka, until_the_storm(topic))
        await wait_until_counted(cluster, topic)
        assert [record async for record in scan_topic(cluster, f"{prefix}alerts")] == []
        await silence_all(newsquake)
        begin = time.time()
        await send(kafka, after_the_storm(topic))
        records = await alerts(cluster, 2)
        took = max(record.timestamp for record in records) / 1000 - begin
    check_silenced(records)
    assert took < HOLDS_SECONDS, "the alerts came later than the silences must hold"

    listed = succeeded(newsquake("alerts", "list", "--open")).splitlines()
    assert len(listed) == 2
    assert all("silenced by ada until" in line and "+0" in line for line in listed)


async def test_a_silence_outlives_workers_that_are_killed(
    newsquake: Run, environment: dict[str, str], kafka: str, prefix: str, tmp_path: Path
) -> None:
    """Those who silenced a subject would be woken after a power cut, or the alert be lost."""
    succeeded(newsquake("topics", "create"))
    cluster, topic = Cluster(bootstrap=kafka, prefix=prefix), f"{prefix}news.signals"
    with two_workers(environment, tmp_path) as workers:
        await asyncio.to_thread(workers.start)
        await send(kafka, until_the_storm(topic))
        await wait_until_counted(cluster, topic)
        await silence_all(newsquake)
        await send(kafka, after_the_storm(topic))
        workers.kill()  # before, while or after they write the alerts
        await asyncio.to_thread(workers.start)
        records = await alerts(cluster, 2)
    check_silenced(records)


def alert(number: int, status: str = "firing", **fields: Any) -> Alert:
    """Return an alert of its own for each number."""
    when = START + timedelta(hours=number)
    return Alert.model_validate(
        {
            "id": f"{number:02}abcdef", "subject": "company:AAPL", "status": status,
            "severity": "minor", "onset": START, "detected_at": when, "volume": 12,
            "expected_volume": 1, "negative_share": 0.8, "expected_share": 0.3, "evidence": 9,
            "sources": 3, "stories": 12, "signals": 14, "model": "m", "rule": "1", **fields,
        }
    )  # fmt: skip


def record_of(prefix: str, change: Alert) -> Message:
    """Return the record of an alert, as the detector writes it."""
    return event_message(
        f"{prefix}alerts", change, key=change.subject, event_id=change.event_id,
        time=change.detected_at,
    )  # fmt: skip


def watched(newsquake: Run, *options: str) -> list[str]:
    """Return the ids of the alerts that `watch` prints until none comes."""
    text = succeeded(newsquake("watch", "alerts", "--json", "--until-idle", "3", *options))
    return [json.loads(line)["id"][:2] for line in text.splitlines()]


async def test_a_group_goes_on_where_it_stopped(newsquake: Run, kafka: str, prefix: str) -> None:
    """A desk would miss what came at night, or read everything again each morning."""
    succeeded(newsquake("topics", "create"))
    follow = ("--group", f"{prefix}desk")
    await send(kafka, [record_of(prefix, alert(1))])
    assert await asyncio.to_thread(watched, newsquake, *follow) == []
    await send(kafka, [record_of(prefix, alert(number)) for number in (2, 3)])
    assert sorted(await asyncio.to_thread(watched, newsquake, *follow)) == ["02", "03"]
    assert await asyncio.to_thread(watched, newsquake, *follow) == []
    worse = alert(5, severity="critical", subject="topic:macro")
    await send(kafka, [record_of(prefix, alert(4)), record_of(prefix, worse)])
    assert await asyncio.to_thread(watched, newsquake, *follow, "--severity", "major") == ["05"]
    assert await asyncio.to_thread(watched, newsquake, *follow, "--since", "1h") == []
    others = ("--group", f"{prefix}others", "--subject", "topic:*", "--since", "1h")
    assert await asyncio.to_thread(watched, newsquake, *others) == ["05"]
    refused = await asyncio.to_thread(
        newsquake, "watch", "alerts", "--group", f"{prefix}newsquake-detect"
    )
    assert refused.returncode == 2, refused.stderr


async def add_partition(bootstrap: str, topic: str, count: int) -> None:
    """Give a topic more partitions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_partitions({topic: NewPartitions(count)})
    finally:
        await admin.close()


@contextmanager
def watching(environment: dict[str, str], out: Path, *options: str) -> Iterator[None]:
    """Follow alerts for the block, and kill the command then; ``out`` gets what it prints."""
    with out.open("wb") as file:
        arguments = [str(SCRIPT), "watch", "alerts", "--json", *options]
        watch = subprocess.Popen(arguments, env=environment, stdout=file)
    try:
        yield
    finally:
        watch.kill()
        watch.wait(20)


async def test_a_group_reads_partitions_that_were_added(
    newsquake: Run, environment: dict[str, str], kafka: str, prefix: str, tmp_path: Path
) -> None:
    """A desk would miss half of the alerts from the day on which the topics grew."""
    succeeded(newsquake("topics", "create"))
    topic, follow, out = f"{prefix}alerts", ("--group", f"{prefix}desk"), tmp_path / "watch.out"
    assert await asyncio.to_thread(watched, newsquake, *follow) == []
    await add_partition(kafka, topic, 2)
    await send(kafka, [record_of(prefix, alert(1))._replace(partition=1)])
    assert await asyncio.to_thread(watched, newsquake, *follow) == ["01"]

    with watching(environment, out, *follow):
        await send(kafka, [record_of(prefix, alert(2))._replace(partition=0)])
        await asyncio.to_thread(wait_until_printed, out, "02abcdef")
        await add_partition(kafka, topic, 3)
        await send(kafka, [record_of(prefix, alert(3))._replace(partition=2)])
        await asyncio.to_thread(wait_until_printed, out, "03abcdef")
    assert len(out.read_text().splitlines()) == 2
    await send(kafka, [record_of(prefix, alert(4))._replace(partition=2)])
    assert await asyncio.to_thread(watched, newsquake, *follow) == ["04"]


def wait_until_printed(file: Path, words: str) -> None:
    """Wait until ``words`` were printed."""
    deadline = time.monotonic() + SECONDS
    while words not in file.read_text():
        assert time.monotonic() < deadline, file.read_text()
        time.sleep(0.1)


async def test_people_say_who_takes_care_and_take_it_back(
    newsquake: Run, kafka: str, prefix: str
) -> None:
    """Nobody would know who silenced what, and why; or a slip of the pen would silence nothing."""
    succeeded(newsquake("topics", "create"))
    over = alert(2, "resolved", id="01abcdef")
    macro = alert(3, subject="topic:macro")
    await send(kafka, [record_of(prefix, change) for change in (alert(1), over, macro)])

    def talk() -> None:
        wrong = newsquake("silence", "TSLA", "--for", "24h", "--why", "x")
        assert (wrong.returncode, "did you mean company:TSLA?" in wrong.stderr) == (2, True)
        said = succeeded(
            newsquake("silence", "topic:mac*", "--for", "24h", "--why", "rates", "--who", "ada")
        )
        assert "by ada" in said
        assert ": rates" in said
        assert "is over" in newsquake("ack", "01").stderr
        assert "no alert '99'" in newsquake("ack", "99").stderr
        succeeded(newsquake("ack", "topic:macro", "--who", "bob"))

        (line,) = succeeded(newsquake("alerts", "list", "--open", "--json")).splitlines()
        shown = json.loads(line)
        assert (shown["silenced"]["who"], shown["words"][0]["who"]) == ("ada", "bob")
        assert "life-cycle" in succeeded(newsquake("alerts", "show", "01"))
        assert "silence  topic:mac*  by ada" in succeeded(newsquake("alerts", "show", "03"))
        again = ("silence", "topic:macro", "--for", "1h", "--why", "x", "--who", "bob")
        succeeded(newsquake(*again))
        still = newsquake("silence", "expire", "topic:macro", "--who", "eve")
        assert "topic:macro is still silenced: " in still.stderr
        name = json.loads(line)["silenced"]["id"]
        succeeded(newsquake("silence", "expire", name[:6], "--who", "eve"))
        held = succeeded(newsquake("silence", "list", "--json")).splitlines()
        assert [json.loads(each)["kind"] for each in held] == ["acknowledgement"]
        kept = succeeded(newsquake("silence", "list", "--all")).splitlines()
        assert any("by ada" in each and "ended by eve" in each for each in kept)

    await asyncio.to_thread(talk)
