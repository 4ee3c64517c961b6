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
from infra.input.messages import InputMessage, read_messages
from infra.input.options import InputOptions
from infra.input.read_ahead import ReadAhead
from infra.input.verdicts import Judge, is_sendable
from infra.settings.model import Settings
from infra.telemetry.tracing import tracing_of
from infra.terminal import print_notice
from infra.usage_error import UsageError
from schemas.channels import RAW
from streams.clocks.sending_clock import sending_problem
from streams.core.errors import Misconfigured
from streams.kafka.cluster import Cluster
from streams.kafka.topics import Topic, partition_counts
from streams.monitoring.diagnosis import errors_explained
from streams.monitoring.tracing import Tracing

_MAX_ROWS: Final = 500
"""Rows are sent in lists of at most this length, with ``--rate`` in a tenth of a second's rows."""


class Job(NamedTuple):
    """The arguments of the command.

    Attributes:
        files: Names of input files, ``-`` for standard input.
        options: How they are read.
        limit: Maximum number of rows to publish; None for all.
        rate: Rows a second; None for as fast as possible.
        send_refused: Send what the pipeline will set aside, too.
    """

    files: Sequence[str]
    options: InputOptions
    limit: int | None
    rate: float | None
    send_refused: bool = False


def run(settings: Settings, judge: Judge, job: Job) -> None:
    """Publish the files of ``job``; print how many rows were sent, and what they will become.

    Raises:
        UsageError: An option or a file can't be used, or no row can.
        Misconfigured: There is no broker, or no topic, or the broker did not accept a row; earlier
            rows may be published.
    """
    quiet()
    if job.options.foreign_profile:
        raise UsageError(
            f"--profile: workers with these settings have no profile {job.options.foreign_profile} "
            "like that, and would set the rows aside: copy the file into the folder of "
            "ingest.profiles, which newsquake config show names"
        )
    with counter(job.limit, job.files) as count:
        messages = read_messages(job.files, job.options, print_notice, count.share.opened)
        usable = usable_rows(messages, judge, job, count)
        with tracing_of(settings) as tracing:
            asyncio.run(_publish(settings.kafka, job, usable, count, tracing))


async def _publish(
    cluster: Cluster,
    job: Job,
    usable: Iterator[InputMessage],
    count: Counter,
    tracing: Tracing | None,
) -> None:
    topic = cluster.topic(RAW.topic)
    partitions = (await partition_counts(cluster, [Topic(topic, {})]))[topic]
    problem = await sending_problem(cluster, topic)
    if problem:
        typer.echo(
            f"newsquake: the rows are dated by this machine's clock, and {problem}", err=True
        )
    max_rows = min(_MAX_ROWS, max(1, int(job.rate / 10))) if job.rate else _MAX_ROWS
    rows = ReadAhead(usable, max_rows)
    async with (
        errors_explained(cluster, [topic]),
        telling_outages(cluster, [topic]),
        Publisher(cluster, topic, partitions, tracing) as publisher,
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
    if count.skipped and not publisher.published:
        raise UsageError(
            "no row could be used; newsquake check shows how each row is read, and --map says "
            "which columns are meant"
        )


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


def usable_rows(
    messages: Iterator[InputMessage], judge: Judge, job: Job, count: Counter
) -> Iterator[InputMessage]:
    """Yield up to the limit of rows that the pipeline can read; count the others as skipped."""
    usable = 0
    while job.limit is None or usable < job.limit:
        row = next(messages, None)
        if row is None:
            return
        items = list(judge.verdicts(row))
        for item in items:
            count.tally.add(item)
        if is_sendable(items) or (job.send_refused and not row.problem):
            usable += 1
            yield row
        else:
            count.skipped += 1


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
