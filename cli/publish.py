"""``newsquake publish``."""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import typer

from cli.command_setup import quiet
from cli.io.publisher import Publisher
from cli.view.outage import telling_outages
from cli.view.progress import Counter, counter
from infra.input.mapping import parsed
from infra.input.messages import Form, InputMessage, read_messages
from infra.input.read_ahead import ReadAhead
from schemas.channels import RAW
from streams.clocks.sending_clock import sending_problem
from streams.core.errors import Misconfigured
from streams.kafka.cluster import Cluster
from streams.kafka.topics import Topic, partition_counts
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
    partitions = (await partition_counts(cluster, [Topic(topic, {})]))[topic]
    problem = await sending_problem(cluster, topic)
    if problem:
        typer.echo(
            f"newsquake: the rows are dated by this machine's clock, and {problem}", err=True
        )
    with counter(job.limit) as count:
        max_rows = min(_MAX_ROWS, max(1, int(job.rate / 10))) if job.rate else _MAX_ROWS
        rows = ReadAhead(_usable(messages, job.limit, count), max_rows)
        async with (
            errors_explained(cluster, [topic]),
            telling_outages(cluster, [topic]),
            Publisher(cluster, topic, partitions) as publisher,
        ):
            try:
                await _send(publisher, job, rows, count)
                await publisher.flush()
            finally:
                for row in publisher.refused:
                    count.skip(row._replace(problem="is larger than the broker accepts"))
                count.skipped += publisher.misdated
                count.done(publisher.published)
        _report(publisher, topic, problem)
    sys.stdout.flush()


def _report(publisher: Publisher, topic: str, problem: str) -> None:
    """Say how many rows Kafka refused or will delete for their timestamps.

    Raises:
        Misconfigured: It refused some.
    """
    if publisher.misdated:
        raise Misconfigured(
            f"{publisher.misdated} rows were refused by {topic} for their timestamps, the time of "
            f"sending by this machine's clock, {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}: "
            f"{problem or 'set the clock that is wrong'}"
        )
    if problem and publisher.published:
        typer.echo(f"newsquake: {publisher.published} rows were sent, and {problem}", err=True)


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
