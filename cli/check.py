"""``newsquake check``: files as the pipeline would read them, item by item, without Kafka."""

import sys
from collections.abc import Sequence
from typing import NamedTuple

import orjson
import typer

from cli.view.items import ItemView
from infra.input.messages import read_messages
from infra.input.options import InputOptions
from infra.input.tally import Tally
from infra.input.verdicts import Judge


class Job(NamedTuple):
    """The arguments of the command.

    Attributes:
        files: Names of input files, ``-`` for standard input.
        options: How they are read.
        as_json: Print each item as a line of JSON.
        only_summary: Print no items.
    """

    files: Sequence[str]
    options: InputOptions
    as_json: bool = False
    only_summary: bool = False


def run(judge: Judge, job: Job) -> None:
    """Print how each item of the files would be read, and what they have in common.

    Raises:
        UsageError: A file can't be opened, or lacks a column.
        OSError: A file can't be read to its end.
        Exit: With 1, an item can't be read.
    """
    messages = read_messages(job.files, job.options, lambda text: typer.echo(text, err=True))
    tally = Tally()
    for message in messages:
        for number, item in enumerate(judge.verdicts(message), 1):
            view = ItemView(item, number, judge.finder)
            tally.add(item, view.warnings)
            if job.only_summary:
                continue
            if job.as_json:
                sys.stdout.buffer.write(orjson.dumps(view.as_json()) + b"\n")
            elif item.status != "refused":  # those are in the summary, by cause
                typer.echo(view.as_text())
    sys.stdout.flush()
    for line in (*tally.causes(), tally.summary):
        typer.echo(line, err=job.as_json)
    if tally.counts["refused"]:
        raise typer.Exit(1)
