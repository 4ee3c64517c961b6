"""A log that lost its end on the broker: what comes after it is processed, each record once."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from structlog.testing import capture_logs

from infra.kafka.embedded import EmbeddedKafka
from schemas.metrics.processing import POSITIONS_CORRECTED as CORRECTED
from schemas.metrics.processing import Sample
from streams.core.stage import Stage
from streams.kafka.cluster import Cluster
from streams.kafka.topics import Topic, create_topics
from tests.streams.conftest import Memory, counting
from tests.streams.power_cut import lose_end
from tests.streams.test_worker_kafka import read_sink, until, working

pytestmark = pytest.mark.kafka
PARTITIONS, SECONDS = 2, 30
SENT, LOST, NEW = 1_000, 500, 700
RUN = """
import asyncio, os, sys
from streams.core.settings import StreamSettings
from streams.faust.worker import run_stages
from streams.kafka.cluster import Cluster
from tests.streams.test_truncation_kafka import PARTITIONS, stage

bootstrap, prefix = sys.argv[1:]
cluster = Cluster(bootstrap=bootstrap, prefix=prefix, partitions=PARTITIONS)
try:
    asyncio.run(run_stages([stage(cluster)], cluster, StreamSettings(), asyncio.Event()))
except Exception as error:
    print(error, file=sys.stderr, flush=True)
    os._exit(1)  # Faust's thread would keep the process alive
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of the broker."""
    return tmp_path_factory.mktemp("kafka")


@pytest.fixture(scope="module")
def broker(jar_cache: Path, data: Path) -> Iterator[EmbeddedKafka]:
    """Return a broker that may be killed."""
    with EmbeddedKafka(jar_cache, data=data) as broker:
        yield broker


@pytest.fixture
async def cluster(broker: EmbeddedKafka, prefix: str) -> Cluster:
    """Return the broker, with the topics of a stage that remembers its position."""
    cluster = Cluster(bootstrap=broker.bootstrap, prefix=prefix, partitions=PARTITIONS)
    names = ("in", "out", "dead", "state", "positions")
    await create_topics(cluster, [Topic(cluster.topic(name), {}) for name in names])
    return cluster


def stage(cluster: Cluster) -> Stage[Memory]:
    """Return a counting stage that remembers its position."""
    return replace(counting(cluster.prefix), positions=cluster.topic("positions"))


async def publish(cluster: Cluster, name: str, begin: int, end: int) -> list[bytes]:
    """Write the numbers from ``begin`` to ``end`` to partition 0, ten to a batch."""
    values = [b"%s %d" % (name.encode(), number) for number in range(begin, end)]
    async with AIOKafkaProducer(bootstrap_servers=cluster.bootstrap) as producer:
        for first in range(0, len(values), 10):
            batch = producer.create_batch()
            for value in values[first : first + 10]:
                batch.append(key=b"k", value=value, timestamp=None)
            await (await producer.send_batch(batch, cluster.topic("in"), partition=0))
    return values


async def sink(cluster: Cluster) -> Counter[bytes]:
    """Return how often each value came out."""
    return Counter(record.value or b"" for record in await read_sink(cluster))


async def test_what_comes_after_a_truncation_is_processed_once(
    cluster: Cluster, broker: EmbeddedKafka, data: Path
) -> None:
    """500 of 700 articles would never be scored, and their offsets be committed."""
    old = await publish(cluster, "old", 0, SENT)
    async with working(stage(cluster), cluster):
        await until(cluster, SENT)
    await asyncio.to_thread(lose_end, broker, data, f"{cluster.topic('in')}-0", LOST)
    new = await publish(cluster, "new", 0, NEW)
    samples: list[Sample] = []

    def observe(_: str, these: Iterable[Sample]) -> None:
        samples.extend(these)

    with capture_logs() as lines:
        async with working(stage(cluster), cluster, observe=observe):
            await until(cluster, SENT + NEW)
            await asyncio.sleep(0.5)
    assert await sink(cluster) == Counter([*old, *new])
    (line,) = [line for line in lines if line["log_level"] == "error"]
    facts = {name: line[name] for name in ("agent", "topic", "partition", "position", "start")}
    source = {"topic": cluster.topic("in"), "partition": 0}
    assert facts == {"agent": "count", **source, "position": SENT, "start": 0}
    assert (line["end"], line["corrected"]) == (LOST + NEW, LOST)
    counted = [(value, labels) for metric, value, labels, *_ in samples if metric is CORRECTED]
    assert counted == [(1, ("truncated",))]


@pytest.mark.parametrize("grown", [0, NEW])
async def test_a_truncation_under_a_worker_ends_it_and_nothing_is_skipped(
    cluster: Cluster, broker: EmbeddedKafka, data: Path, grown: int
) -> None:
    """A worker would drop all that comes until the log is as long as it was, in silence."""
    old = await publish(cluster, "old", 0, SENT)
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RUN, cluster.bootstrap, cluster.prefix),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    await until(cluster, SENT)
    if grown:
        worker.send_signal(signal.SIGSTOP)
    await asyncio.to_thread(lose_end, broker, data, f"{cluster.topic('in')}-0", LOST)
    new = await publish(cluster, "new", 0, grown)
    worker.send_signal(signal.SIGCONT)
    _, said = await asyncio.wait_for(worker.communicate(), SECONDS)
    assert worker.returncode == 1
    assert b"had read up to offset %d, and the log now reaches from 0 to" % SENT in said
    async with working(stage(cluster), cluster):
        new += await publish(cluster, "new", grown, NEW)
        await until(cluster, SENT + NEW)
    assert await sink(cluster) == Counter([*old, *new])
