"""The commands about dead letters as people run them, on a real broker."""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from streams.core.dead_letter import dead_letter
from streams.core.handler import Rejection
from streams.core.record import Record, Stored, TopicPartition
from streams.core.stage import Stage
from streams.kafka.cluster import Cluster
from streams.kafka.kafka_log import KafkaLog
from tests.cli.test_publish_watch_kafka import after, create
from tests.streams.conftest import Counting

Run = Callable[..., CompletedProcess[str]]
Working = Callable[[], AbstractContextManager[None]]

pytestmark = pytest.mark.kafka

LETTERS = 10_000
PARTITIONS = 2
KILLS = 6
FIX = '.published = "2024-01-01T00:00:00Z" | del(.when)'
_SCRIPT = Path(sys.executable).with_name("newsquake")


class Dead:
    """Writes dead letters to a cluster, and reads what came of them."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self.cluster = Cluster(bootstrap=bootstrap, prefix=prefix)
        self.log = KafkaLog(self.cluster)
        self._topic = self.cluster.topic("news.dead")

    async def write(self, values: Sequence[bytes]) -> None:
        """Write a letter of `ingest` for each of ``values``, in some transactions."""
        raw = self.cluster.topic("news.raw")
        stage = Stage("ingest", "group", raw, Counting(), self._topic)
        now = time.time_ns() // 1_000_000
        session = await self.log.open(self.cluster.topic("a-test"), TopicPartition(raw, 0))
        letters = [
            dead_letter(
                stage,
                Rejection(
                    Stored(raw, 0, number, now, b"%d" % number, value, ()),
                    "invalid",
                    ValueError("published is missing"),
                ),
                now,
            )
            for number, value in enumerate(values)
        ]
        await session.commit(letters, 1)
        await session.close()

    async def read(self, name: str) -> list[Record]:
        """Return all committed records of a topic."""
        topic = self.cluster.topic(name)
        records: list[Record] = []
        for number in range(PARTITIONS):
            source = TopicPartition(topic, number)
            end = (await self.log.bounds(source)).end
            async for scanned in self.log.scan(source, 0, end):
                records += scanned
        return records


@pytest.fixture
def dead(kafka: str, prefix: str) -> Dead:
    """Return a writer of dead letters."""
    return Dead(kafka, prefix)


def killed_once(environment: dict[str, str], arguments: Sequence[str], seconds: float) -> bool:
    """Run a command; kill it with SIGKILL ``seconds`` after its first commit. Return whether."""
    with subprocess.Popen(
        [_SCRIPT, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr
        first = process.stderr.readline()
        time.sleep(seconds)
        if process.poll() is not None:
            assert process.returncode == 0, first + process.stderr.read()
            return False
        process.kill()
        return True


async def test_ten_thousand_fixed_letters_go_back_once_under_kill_9_and_are_scored(
    newsquake: Run, environment: dict[str, str], working: Working, dead: Dead
) -> None:
    """A replay that is killed would lose letters, or send some twice, and alerts fire on echoes."""
    create(newsquake)
    await dead.write(
        [
            json.dumps({"id": str(number), "headline": f"Profit falls {number}"}).encode()
            for number in range(LETTERS)
        ]
    )
    arguments = ["dlq", "replay", "--max", str(LETTERS), "--fix", FIX, "--yes"]
    generator, kills = random.Random(19), 0
    for _ in range(KILLS):
        delay = generator.uniform(0.0, 0.15)
        kills += await asyncio.to_thread(killed_once, environment, arguments, delay)
    last = newsquake(*arguments)
    assert last.returncode == 0, last.stderr
    assert kills >= 2, "the replay was too fast to be killed"
    raw = Counter(record.key for record in await dead.read("news.raw"))
    assert raw == Counter({b"%d" % number: 1 for number in range(LETTERS)})
    again = newsquake(*arguments)
    assert f"left alone {LETTERS}: replayed before" in again.stdout
    with working():
        for _ in range(60):
            scored = Counter(record.key for record in await dead.read("news.scored"))
            if len(scored) == LETTERS:
                break
            await asyncio.sleep(1.0)
    assert (len(scored), set(scored.values())) == (LETTERS, {1})


def test_a_letter_is_shown_replayed_and_purged(
    newsquake: Run, working: Working, dead: Dead, tmp_path: Path
) -> None:
    """An operator would have to write a program to look at a record, or to send it again."""
    create(newsquake)
    value = b'{"headline": "ask me@example.org \x1b[2J", "when": "2024-01-01"}'
    asyncio.run(dead.write([value, b"not json"]))
    (listed, *_) = [
        json.loads(line) for line in newsquake("dlq", "list", "--json").stdout.splitlines()
    ]
    assert (listed["reason"], listed["stage"], listed["state"]) == ("invalid", "ingest", "waiting")
    letters = newsquake("dlq", "list", "--key", "0", "--json").stdout.splitlines()
    address = json.loads(letters[0])["id"]
    file = tmp_path / "payload"
    shown = newsquake("dlq", "show", address, "--file", str(file))
    assert file.read_bytes() == value
    assert "me@example.org" not in shown.stdout
    assert r"\x1b[2J" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert "me@example.org" in newsquake("dlq", "show", address, "--raw").stdout

    unbounded = newsquake("dlq", "replay", "--yes")
    assert (unbounded.returncode, "name a bound" in unbounded.stderr) == (2, True)
    file.write_text('{"headline": "Profit falls", "published": "2024-01-01"}')
    mended = ("dlq", "replay", "--id", address, "--fix-file", str(file))
    dry = newsquake(*mended)
    assert "would replay 1" in dry.stdout, dry.stderr
    assert "replayed 1" in newsquake(*mended, "--yes").stdout
    with working():
        (scored,) = after(newsquake, "scored", 1)
    assert scored["article"]["headline"] == "Profit falls"

    stats = json.loads(newsquake("dlq", "stats", "--json").stdout)
    assert [(row["waiting"], row["replayed"]) for row in stats] == [(1, 1)]
    purged = newsquake("dlq", "purge", "--before", "2100-01-01", "--waiting", "--yes")
    assert purged.returncode == 0, purged.stderr
    assert newsquake("dlq", "list").stdout == ""
    gone = newsquake("dlq", "show", address)
    assert (gone.returncode, "no dead letter" in gone.stderr) == (1, True)


def test_what_one_partition_keeps_is_not_purged(newsquake: Run, dead: Dead) -> None:
    """Records that nobody has looked at would be gone for good."""
    create(newsquake)
    asyncio.run(dead.write([b"not json"]))
    kept = newsquake("dlq", "purge", "--before", "2100-01-01", "--yes")
    assert "deleted none" in kept.stdout, kept.stderr
    assert "stops at" in kept.stdout
    assert len(newsquake("dlq", "list").stdout.splitlines()) == 1
