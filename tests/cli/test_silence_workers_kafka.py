"""Silences hold on all workers at once, on a real broker."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from agents.event_message import event_message
from cli.io.topic_scan import scan_topic
from schemas.alert import Alert
from schemas.signal import Signal
from schemas.silence import SILENCED_HEADER
from streams.core.record import Message, Record, TopicPartition
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from tests.cli.alert_records import START, send, succeeded

Run = Callable[..., CompletedProcess[str]]
COMPANIES = ("ACME", "EMCA")
"""The company of each of the two partitions of signals."""
HOLDS_SECONDS = 2.0
SECONDS = 100.0
SCRIPT = Path(sys.executable).with_name("newsquake")


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
    """Return the next news, with which the surge has lasted an hour, so that the alerts fire."""
    return [news(topic, company, 1442, f"{company} moves", 0.05) for company in COMPANIES]


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
    """Settings with two markets, so that two workers have a partition each.

    An alert waits for an hour, so that a silence can come while it does.
    """
    return {
        **environment,
        "NEWSQUAKE_DETECT__FOR": "1h",
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
