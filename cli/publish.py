"""``newsquake publish``."""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from cli.command_setup import quiet
from cli.io.publisher import Publisher
from cli.view.outage import telling_outages
from cli.view.progress import Counter, counter
from infra.input.mapping import parsed
from infra.input.messages import Form, InputMessage, read_messages
from infra.input.read_ahead import ReadAhead
from schemas.channels import RAW
from streams.kafka.cluster import Cluster
from streams.kafka.topics import Topic, verify_topics
from streams.monitoring.diagnosis import errors_explained

_MAX_ROWS: Final = 500
"""Rows are sent in lists of at most this length, with ``--rate`` in a tenth of a second's rows."""


class Job(NamedTuple):
    """The arguments of the command.

    Attributes:
        files: Names of input files, ``-`` for standard input.
        mapping: The text of ``--map``.
        form: The form of the files.
        limit: Maximum number of rows to publish; None for all.
        rate: Rows a second; None for as fast as possible.
    """

    files: Sequence[str]
    mapping: str
    form: Form
    limit: int | None
    rate: float | None


def run(cluster: Cluster, job: Job) -> None:
    """Publish the files of ``job``, and print how many rows were sent and how many skipped.

    Raises:
        UsageError: The mapping or a file can't be used.
        Misconfigured: There is no broker, or no topic, or the broker did not accept a row; earlier
            rows may be published.
    """
    quiet()
    asyncio.run(_publish(cluster, job, read_messages(job.files, parsed(job.mapping), job.form)))


async def _publish(cluster: Cluster, job: Job, messages: Iterator[InputMessage]) -> None:
    topic = cluster.topic(RAW.topic)
    await verify_topics(cluster, [Topic(topic, {})])
    with counter(job.limit) as count:
        max_rows = min(_MAX_ROWS, max(1, int(job.rate / 10))) if job.rate else _MAX_ROWS
        rows = ReadAhead(_usable(messages, job.limit, count), max_rows)
        async with (
            errors_explained(cluster, [topic]),
            telling_outages(cluster, [topic]),
            Publisher(cluster, topic) as publisher,
        ):
            try:
                await _send(publisher, job, rows, count)
                await publisher.flush()
            finally:
                for row in publisher.refused:
                    count.skip(row._replace(problem="is larger than the broker accepts"))
                count.done(publisher.published)
    sys.stdout.flush()


def _usable(
    messages: Iterator[InputMessage], limit: int | None, count: Counter
) -> Iterator[InputMessage]:
    """Yield up to ``limit`` rows without a problem; report the others."""
    usable = 0
    while limit is None or usable < limit:
        row = next(messages, None)
        if row is None:
            return
        if row.problem:
            count.skip(row)
        else:
            usable += 1
            yield row


async def _send(
    publisher: Publisher, job: Job, rows: ReadAhead[InputMessage], count: Counter
) -> None:
    start, sent = time.monotonic(), 0
    while not rows.ended:
        batch = await asyncio.to_thread(rows.take)
        await publisher.send(batch)
        sent += len(batch)
        count.sent(publisher.published)
        if job.rate:
            await asyncio.sleep(start + sent / job.rate - time.monotonic())
    await asyncio.to_thread(rows.take)  # raises the error that ended the reading, if any
