"""Following alerts on a real broker: a group goes on where it stopped."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from tests.cli.alert_records import alert, record_of, send, succeeded

Run = Callable[..., CompletedProcess[str]]
SECONDS = 100.0
SCRIPT = Path(sys.executable).with_name("newsquake")

pytestmark = pytest.mark.kafka


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Settings with one partition of alerts, to which others are added."""
    return {**environment, "NEWSQUAKE_KAFKA__PARTITIONS": "1"}


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
