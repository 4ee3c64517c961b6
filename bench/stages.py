"""Processor microseconds an article in each agent, compared with another checkout in turn.

Articles go through ingest, score (model `null`) and detect, without a broker and without waiting.
Of each agent three parts are timed: reading record batches, deciding, and packing the results into
batches. Each turn runs in a process of its own: first the other checkout, then this one.
"""

import argparse
import asyncio
import gc
import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
PARTITIONS: Final = 4
AT_ONCE: Final = 1_000
"""Records of a call of the handler."""
PARTS: Final = ("read", "handle", "pack")
_GC_THRESHOLDS: Final = (500_000, 5, 10)
_BATCH_BYTES: Final = 768 * 1024

COUNTS: Final = defaultdict(lambda: PARTITIONS, {"news.signals": 1})
"""The number of partitions of each topic."""
Packed = Mapping[tuple[str, int], Sequence[tuple[int, bytes]]]
"""Encoded batches, each with the number of its records, by topic and partition."""
Costs = dict[str, float]
"""Microseconds an article, by agent and part, such as "score handle"."""


class Release:
    """The parts of a checkout that are measured: commit 7af09fe has other names for them."""

    def __init__(self) -> None:
        try:
            from agents.cluster_layout import ClusterLayout
        except ImportError:
            self._load_old()
            return
        from agents.pipeline import NAMES, build_stages
        from nlp.null import NullClassifier
        from streams.batches import record_batches
        from streams.batches import transaction_batch as new
        from streams.core.handler import Batch
        from streams.core.record import Message

        self.stages: Sequence[Any] = build_stages(
            NAMES[:3], cluster=ClusterLayout(), classifier=NullClassifier()
        )
        self.message: Any = Message
        self.batch: Any = Batch
        self.group: Any = record_batches.group_by_partition
        self._pack: Any = record_batches.pack
        create: tuple[Any, ...] = (new.create_batch, new.create_compressed_batch)
        self._pack_arguments: tuple[Any, ...] = (*create, new.BATCH_BYTES)

    def _load_old(self) -> None:
        from importlib import import_module

        from aiokafka.producer.message_accumulator import BatchBuilder

        model = import_module("nlp.null").Null()
        layout, pipeline = import_module("agents.layout"), import_module("agents.pipeline")
        batches = import_module("streams.batches")
        self.stages = pipeline.stages(pipeline.NAMES, cluster=layout.Layout(), classifier=model)
        self.message = import_module("streams.record").Message
        self.batch = import_module("streams.handler").Batch
        self.group, self._pack = batches.spread, batches.pack
        create = partial(BatchBuilder, _BATCH_BYTES, 0, is_transactional=True)
        self._pack_arguments = (create,)

    def prefetch(self, stage: Any, batch: Any) -> None:
        """Announce a batch, as the pump does."""
        starter = getattr(stage, "starter", None)
        if hasattr(stage.handler, "prefetch"):
            stage.handler.prefetch([batch])
        elif starter:
            starter.start([batch])

    def pack(self, messages: Sequence[Any], keyless: int = 0) -> Packed:
        """Return the encoded batches of ``messages``, each with the number of its records."""
        return {
            target: [
                (batch.record_count(), batch._build())  # noqa: SLF001 - the producer calls it
                for batch in self._pack(some, *self._pack_arguments)
            ]
            for target, some in self.group(messages, COUNTS, keyless).items()
        }


class Clock:
    """Sums processor time by name."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Add the processor time that passes within."""
        begin = time.process_time()
        yield
        self.seconds[name] += time.process_time() - begin


def read(topic: str, partition: int, data: bytes) -> list[Any]:
    """Return the records in encoded batches, as the consumer of a worker does."""
    from aiokafka import TopicPartition
    from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
    from aiokafka.record.memory_records import MemoryRecords

    source, memory = TopicPartition(topic, partition), MemoryRecords(data)
    records = PartitionRecords(source, memory, [], 0, None, None, True, READ_COMMITTED)  # noqa: FBT003 - aiokafka's signature
    with suppress(ImportError):
        from streams.batches.fetched_record import fetched_record

        records._consumer_record = fetched_record  # noqa: SLF001 - as `guarded_fetch` does
    return list(records)


class Log:
    """Encoded batches, as they stand in partitions of topics."""

    def __init__(self) -> None:
        self._batches: defaultdict[tuple[str, int], list[tuple[int, bytes]]] = defaultdict(list)
        self._ends: defaultdict[tuple[str, int], int] = defaultdict(int)

    def append(self, packed: Packed) -> None:
        """Add batches at the ends of their partitions."""
        for (topic, partition), batches in packed.items():
            for count, data in batches:
                end = self._ends[topic, partition]
                # The offset is outside the checksum.
                batch = end.to_bytes(8, "big") + bytes(data)[8:]
                self._batches[topic, partition].append((count, batch))
                self._ends[topic, partition] = end + count

    def take(self, topic: str) -> Iterator[tuple[int, bytes]]:
        """Yield the partitions of ``topic`` in turn, each with about `AT_ONCE` records."""
        queues = {
            partition: self._batches.pop((topic, partition), [])[::-1]
            for partition in range(PARTITIONS)
        }
        while any(queues.values()):
            for partition, queue in queues.items():
                count, data = 0, []
                while queue and count + queue[-1][0] <= max(AT_ONCE, queue[-1][0]):
                    size, batch = queue.pop()
                    count += size
                    data.append(batch)
                if data:
                    yield partition, b"".join(data)


async def run_stage(release: Release, stage: Any, log: Log, clock: Clock) -> None:
    """Have a stage handle what is on its source, and add what it writes.

    Raises:
        RuntimeError: the stage rejected a record.
    """
    memory = {partition: stage.handler.recall(partition, []) for partition in range(PARTITIONS)}
    for partition, data in log.take(stage.source):
        with clock.part(f"{stage.name} read"):
            records = read(stage.source, partition, data)
        with clock.part(f"{stage.name} handle"):
            batch = release.batch(partition, records, memory[partition], records[-1].timestamp)
            release.prefetch(stage, batch)
            (decision,) = await stage.handler.handle([batch])
        if decision.rejections:
            raise RuntimeError(decision.rejections[0])
        with clock.part(f"{stage.name} pack"):
            changes = [
                release.message(stage.changelog, key, value, partition=partition)
                for key, value in dict(decision.changes).items()
            ]
            packed = release.pack([*decision.messages, *changes], partition)
        log.append(packed)


async def run(count: int) -> Costs:
    """Return the costs of ``count`` articles in this process."""
    from articles import articles

    release, clock = Release(), Clock()
    source, log, messages = release.stages[0].source, Log(), articles(count)
    while some := [release.message(source, *item) for item in islice(messages, AT_ONCE)]:
        log.append(release.pack(some))
    for stage in release.stages:
        await run_stage(release, stage, log, clock)
    return {part: seconds / count * 1e6 for part, seconds in clock.seconds.items()}


def measure(checkout: Path, count: int) -> Costs:
    """Return the costs of the code in ``checkout``, and of each agent and all of it together."""
    paths = os.pathsep.join([str(checkout), str(ROOT / "bench"), *sys.path[1:]])
    command = [sys.executable, str(Path(__file__).resolve()), "--one", "--count", str(count)]
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        command, cwd=checkout, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    costs: Costs = json.loads(done.stdout)
    for agent in dict.fromkeys(part.split()[0] for part in list(costs)):
        costs[agent] = sum(cost for part, cost in costs.items() if part.startswith(f"{agent} "))
    costs["all"] = sum(cost for part, cost in costs.items() if " " in part)
    return costs


def show(ours: Sequence[Costs], theirs: Sequence[Costs]) -> None:
    """Print the median of each cost, and the median and range of the ratios of pairs."""
    for part in ours[0]:
        line = f"{part:<14}{statistics.median(costs[part] for costs in ours):8.1f} us"
        if theirs:
            ratios = [old[part] / new[part] for old, new in zip(theirs, ours, strict=True)]
            before = statistics.median(costs[part] for costs in theirs)
            spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
            line += f"{before:8.1f} us before{statistics.median(ratios):6.2f} x ({spread})"
        print(line)


def main() -> None:
    """Measure both checkouts in turn and print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path, nargs="?", help="another checkout to compare with")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--count", type=int, default=16_000)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        gc.set_threshold(*_GC_THRESHOLDS)  # as in a worker
        print(json.dumps(asyncio.run(run(options.count))))
        return
    ours, theirs = list[Costs](), list[Costs]()
    for _ in range(options.turns):
        if options.other:
            theirs.append(measure(options.other.resolve(), options.count))
        ours.append(measure(ROOT, options.count))
    show(ours, theirs)


if __name__ == "__main__":
    main()
