"""Progress of a publication: a bar on a terminal, and a summary at the end."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from infra.input.messages import InputMessage
from infra.input.tally import Tally
from infra.input.verdicts import Item


class Counter:
    """Counts what the pipeline will make of the rows, reports problems on stderr, moves the bar.

    Attributes:
        tally: The verdicts on the rows, sent and skipped.
        skipped: The number of rows that are not published.
    """

    def __init__(self, bar: Progress, limit: int | None) -> None:
        self._bar = bar
        self._task = bar.add_task("publishing", total=limit)
        self.tally = Tally(_report_first)
        self.skipped = 0

    def skip(self, row: InputMessage) -> None:
        """Count a row that the broker does not take, and print the reason."""
        self.skipped += 1
        typer.echo(f"{row.file}:{row.line}: skipped: {row.problem}", err=True)

    def sent(self, published: int) -> None:
        """Move the bar to ``published`` rows."""
        self._bar.update(self._task, completed=published)

    def done(self, published: int) -> None:
        """Remove the bar and print the summary."""
        self._bar.stop()
        for line in self.tally.causes(min_refused=2):
            typer.echo(line, err=True)
        typer.echo(f"published {published}, skipped {self.skipped}")
        typer.echo(f"the pipeline reads {self.tally.summary}")


@contextmanager
def counter(limit: int | None) -> Iterator[Counter]:
    """Open a counter, with a bar on stderr if that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    bar = Progress(*columns, TimeElapsedColumn(), console=console, disable=not sys.stderr.isatty())
    with bar:
        yield Counter(bar, limit)


def _report_first(item: Item) -> None:
    row = item.message
    typer.echo(f"{row.file}:{row.line}: skipped: {item.reason}", err=True)
