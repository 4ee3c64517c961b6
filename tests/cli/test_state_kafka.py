"""Backups of a pipeline as operators make them: real workers, a second cluster, and kill -9."""

import asyncio
import json
import random
import subprocess
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from agents.cluster_layout import ClusterLayout
from schemas.channels import ALERTS, SIGNALS, STATE_DETECT, STATE_SCORE
from streams.backup.import_record import read_import_record
from streams.kafka.kafka_log import KafkaLog
from tests.chaos.conftest import Read, records
from tests.chaos.outside import committed
from tests.chaos.test_chaos_alerts import HISTORY, TAIL, quiet, send, storm
from tests.streams.conditions import SCRIPT, command, settings, worker

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]
SECONDS = 240.0
ENTRIES, KILLS = 40_000, 2


class Site:
    """A pipeline on a cluster, and the environment of its commands."""

    def __init__(self, bootstrap: str, prefix: str, partitions: int) -> None:
        self.layout = ClusterLayout(bootstrap=bootstrap, prefix=prefix, partitions=partitions)
        self.environment = settings(
            bootstrap,
            NEWSQUAKE_KAFKA__PREFIX=prefix,
            NEWSQUAKE_KAFKA__PARTITIONS=str(partitions),
            NEWSQUAKE_WORKER__SPLIT="false",
            NEWSQUAKE_DETECT__IDLE_TIMEOUT="30",
            NEWSQUAKE_WORKER__SESSION_TIMEOUT="6",
        )

    def run(self, *arguments: str) -> str:
        """Run a command that succeeds."""
        done = self._run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fail(self, *arguments: str) -> str:
        """Run a command that fails, and return its line."""
        done = self._run(*arguments)
        assert done.returncode == 1, done.stdout + done.stderr
        (line,) = done.stderr.splitlines()
        return line

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SCRIPT, *arguments], env=self.environment, capture_output=True, text=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip

    async def alerts(self) -> list[Read]:
        """Return the alerts."""
        return await records(self.layout, ALERTS)

    async def signals(self, least: int) -> int:
        """Wait for so many signals, and return their number."""
        async with asyncio.timeout(SECONDS):
            while (count := len(await records(self.layout, SIGNALS))) < least:  # noqa: ASYNC110 - another process's work
                await asyncio.sleep(0.3)
        return count

    async def settled(self, least: int) -> int:
        """Wait until none of so many signals waits and no other comes, and return their number."""
        before = 0
        async with asyncio.timeout(SECONDS):
            while True:
                count = await self.signals(least)
                memory = {read.key: read.value for read in await records(self.layout, STATE_DETECT)}
                waiting = orjson.loads(memory.get(b"r|") or b"{}").get("waiting")
                if waiting == 0 and count == before:
                    return count
                before = count
                await asyncio.sleep(2.0)


async def test_a_run_that_goes_on_from_a_backup_gives_the_alerts_of_the_undisturbed_run(
    kafka: str, prefix: str, tmp_path: Path
) -> None:
    """A desk would get alerts twice, with other numbers or not at all after a move."""
    old, calm, new = (Site(kafka, f"{prefix}{name}.", 1) for name in ("old", "calm", "new"))
    file = tmp_path / "backup"
    for site in (old, calm, new):
        site.run("topics", "create")
    dice = random.Random(11)
    before, surge = quiet(dice, 0, HISTORY, 0), storm(dice)
    after = quiet(dice, HISTORY + 2, TAIL, 10_000)
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        with worker(old.environment, tmp_path / "old.log") as process:
            sides = [old.layout, calm.layout]
            await send(producer, sides, before[:50], 0.0)
            await old.signals(50)
            assert "workers run" in old.fail("state", "export", str(file))
            await send(producer, sides, [*before[50:], *surge[:60]], 0.0)
            await old.signals(len(before))
            process.stop()
        await send(producer, sides, surge[60:70], 0.0)
        present = len(await records(old.layout, SIGNALS))
        backup = json.loads(old.run("state", "export", str(file), "--json"))
        assert "is whole" in new.run("state", "verify", str(file))
        assert "--from-prefix" in new.fail("state", "import", str(file))
        named = ("--from-prefix", old.layout.prefix)
        assert "start the workers" in new.run("state", "import", str(file), *named)
        assert "nothing to do" in new.run("state", "import", str(file), *named)
        sides = [calm.layout, new.layout]
        await send(producer, sides, [*surge[70:], *before[:20], *after], 0.0)
    waiting = records_of(backup, "news.signals")
    assert waiting > 0
    assert records_of(backup, "news.raw") == 10
    with worker(calm.environment, tmp_path / "calm.log"):
        total = await calm.settled(len(before) + len(surge) + len(after))
    with worker(new.environment, tmp_path / "new.log"):
        assert await new.settled(waiting + total - present) == waiting + total - present
    calm_alerts, new_alerts = await calm.alerts(), await new.alerts()
    statuses = [orjson.loads(alert.value or b"")["status"] for alert in calm_alerts]
    assert {"firing", "resolved"} <= set(statuses)
    assert len(new_alerts) > 0
    assert sorted([*await old.alerts(), *new_alerts]) == sorted(calm_alerts)
    assert "corrected" not in (tmp_path / "new.log").read_text()


def records_of(backup: dict[str, Any], topic: str) -> int:
    """Return the number of records that a backup has of a topic."""
    return sum(section["records"] for section in backup["sections"] if section["topic"] == topic)


async def entries(site: Site) -> list[Any]:
    """Return what `score` remembers on a cluster: each partition in its order."""
    read = [
        (record.partition, record.key, record.value, record.timestamp)
        for record in await committed(site.layout, STATE_SCORE)
    ]
    return sorted(read, key=itemgetter(0))


async def test_an_import_that_is_killed_goes_on_where_it_was(
    kafka: str, prefix: str, tmp_path: Path
) -> None:
    """An operator whose terminal died would start with half a memory, or with entries twice."""
    old, new = (Site(kafka, f"{prefix}{name}.", 2) for name in ("old", "new"))
    file, log = tmp_path / "backup", KafkaLog(new.layout)
    for site in (old, new):
        site.run("topics", "create")
    async with AIOKafkaProducer(bootstrap_servers=kafka, linger_ms=20) as producer:
        for number in range(ENTRIES):
            await producer.send(
                old.layout.topic("state.score"), b"%d" % (number + 1), b"article-%d" % number,
                partition=number % 2,
            )  # fmt: skip
    old.run("state", "export", str(file))
    arguments = ("state", "import", str(file), "--from-prefix", old.layout.prefix)
    kills, imported = 0, 0
    for _ in range(KILLS):
        with command(new.environment, tmp_path / f"import-{kills}.log", *arguments) as process:
            while process.process.poll() is None:
                record = await read_import_record(log, new.layout.topic("state.positions"))
                if record and imported < record.records < ENTRIES:
                    imported, kills = record.records, kills + 1
                    process.process.kill()
        assert "workers run" not in process.text
    assert kills > 0
    with worker(new.environment, tmp_path / "early.log") as early:
        early.process.wait(SECONDS)
        assert "a backup is being imported" in early.text
    assert "start the workers" in new.run(*arguments)
    assert await entries(new) == await entries(old)
    assert len(await entries(new)) == ENTRIES
