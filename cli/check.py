"""``newsquake check``: files as the pipeline would read them, item by item, without Kafka."""

import sys
from collections.abc import Sequence
from typing import NamedTuple

import orjson
import typer

from cli.view.items import ItemView
from infra.input.messages import read_messages
from infra.input.options import InputOptions
from infra.input.read_share import ReadShare
from infra.input.tally import Tally
from infra.input.verdicts import Item, Judge
from infra.progress.meter import Meter
from infra.terminal import fitted, print_notice


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
    tally, share = Tally(), ReadShare(job.files)
    # Items that scroll by on a terminal say themselves how far the command is.
    has_meter = job.only_summary or not sys.stdout.isatty()
    with Meter(is_shown=has_meter) as meter:
        messages = read_messages(job.files, job.options, print_notice, share.opened)
        meter.begin("checking", "rows")
        for count, message in enumerate(messages, 1):
            for number, item in enumerate(judge.verdicts(message), 1):
                view = ItemView(item, number, judge.finder)
                tally.add(item, view.warnings)
                if not job.only_summary:
                    _print_item(view, item, as_json=job.as_json)
            meter.update(count, share.value)
    sys.stdout.flush()
    for line in (*tally.causes(), tally.summary):
        if job.as_json:
            print_notice(line)
        else:
            typer.echo(fitted(line))
    if tally.counts["refused"]:
        raise typer.Exit(1)


def _print_item(view: ItemView, item: Item, *, as_json: bool) -> None:
    """Print an item; those that are refused are in the summary, by cause."""
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(view.as_json()) + b"\n")
    elif item.status != "refused":
        for line in view.as_text().splitlines():
            typer.echo(fitted(line))
