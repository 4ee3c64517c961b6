"""Progress of a publication: a meter, and a summary at the end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer

from infra.input.messages import InputMessage
from infra.input.read_share import ReadShare
from infra.input.tally import Tally
from infra.input.verdicts import Item
from infra.progress.meter import Meter
from infra.terminal import print_notice


class Counter:
    """Counts what the pipeline will make of the rows, reports problems on stderr, moves the meter.

    Attributes:
        share: The share of the files that was read.
        tally: The verdicts on the rows, sent and skipped.
        skipped: The number of rows that are not published.
    """

    def __init__(self, meter: Meter, limit: int | None, files: Sequence[str]) -> None:
        self._meter, self._limit = meter, limit
        self.share = ReadShare(files)
        self.tally = Tally(_report_first)
        self.skipped = 0
        meter.begin("publishing", "rows", limit)

    def skip(self, row: InputMessage) -> None:
        """Count a row that the broker does not take, and print the reason."""
        self.skipped += 1
        typer.echo(f"{row.file}:{row.line}: skipped: {row.problem}", err=True)

    def sent(self, published: int) -> None:
        """Show that ``published`` rows are sent; fewer than the limit may be all."""
        share = self.share.value
        self._meter.update(published, max(share, published / self._limit) if self._limit else share)

    def done(self, published: int) -> None:
        """Take the meter away and print the summary."""
        self._meter.end()
        for line in self.tally.causes(min_refused=2):
            print_notice(line)
        typer.echo(f"published {published}, skipped {self.skipped}")
        typer.echo(f"the pipeline reads {self.tally.summary}")


@contextmanager
def counter(limit: int | None, files: Sequence[str] = ()) -> Iterator[Counter]:
    """Open a counter of the rows of ``files``, of which ``limit`` are sent at most."""
    with Meter() as meter:
        yield Counter(meter, limit, files)


def _report_first(item: Item) -> None:
    row = item.message
    typer.echo(f"{row.file}:{row.line}: skipped: {item.reason}", err=True)
