"""``newsquake publish``."""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cli.command_setup import quiet
from cli.publisher import Publisher
from cli.view.progress import Counter, counter
from infra.input.mapping import parsed
from infra.input.messages import Form, InputMessage, read_messages
from infra.input.read_ahead import ReadAhead
from schemas.channels import RAW
from streams.kafka.cluster import Cluster
from streams.kafka.topics import Topic, verify_topics


class Job(NamedTuple):
    """What the command line asks for."""

    files: Sequence[str]
    mapping: str
    form: Form
    limit: int | None
    rate: float | None


def run(cluster: Cluster, job: Job) -> None:
    """Publish the files of ``job`` and print how many rows were sent and how many skipped.

    Raises:
        UsageError: the mapping or a file can't be used.
        Misconfigured: there is no broker, or no topic.
        KafkaError: the broker did not take a row; those before it may be published.
    """
    quiet()
    asyncio.run(_publish(cluster, job, read_messages(job.files, parsed(job.mapping), job.form)))


async def _publish(cluster: Cluster, job: Job, found: Iterator[InputMessage]) -> None:
    topic = cluster.topic(RAW.topic)
    await verify_topics(cluster, [Topic(topic, {})])
    with counter(job.limit) as count:
        async with Publisher(cluster, topic) as publisher:
            try:
                await _feed(
                    publisher, job, ReadAhead(_good(found, job.limit, count), _size(job)), count
                )
                await publisher.flush()
            finally:
                for row in publisher.refused:
                    count.skip(row._replace(problem="is larger than the broker accepts"))
                count.done(publisher.published)
    sys.stdout.flush()


def _good(
    found: Iterator[InputMessage], limit: int | None, count: Counter
) -> Iterator[InputMessage]:
    left = limit
    while left is None or left > 0:
        row = next(found, None)
        if row is None:
            return
        if row.problem:
            count.skip(row)
            continue
        left = left if left is None else left - 1
        yield row


async def _feed(
    publisher: Publisher, job: Job, rows: ReadAhead[InputMessage], count: Counter
) -> None:
    begun, sent = time.monotonic(), 0
    while not rows.ended:
        taken = await asyncio.to_thread(rows.take)
        await publisher.send(taken)
        sent += len(taken)
        count.sent(publisher.published)
        if job.rate:
            await asyncio.sleep(begun + sent / job.rate - time.monotonic())
    await asyncio.to_thread(rows.take)  # raises what ended the reading, if that was a failure


def _size(job: Job) -> int:
    return min(500, max(1, int(job.rate / 10))) if job.rate else 500
