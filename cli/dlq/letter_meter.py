"""Progress of the commands that look at all dead letters."""

import sys
from collections.abc import Sequence
from itertools import accumulate

import typer

from agents.dead_letters.letters import Letter
from infra.progress.meter import Meter
from streams.core.log import Bounds


class LetterMeter:
    """Shows how many letters of all partitions were looked at, and how many were replayed."""

    def __init__(self, meter: Meter, bounds: Sequence[Bounds]) -> None:
        self._meter = meter
        self._bounds = bounds
        self._before = list(accumulate((end - start for start, end in bounds), initial=0))
        meter.begin("looking at dead letters", "letters", self._before[-1])

    def look(self, letter: Letter) -> None:
        """Note a letter that was looked at."""
        partition, offset = letter.address
        start = self._bounds[partition].start
        self._meter.update(self._before[partition] + offset - start + 1)

    def note_replayed(self, total: int) -> None:
        """Note how many were replayed so far; off a terminal each transaction has a line."""
        self._meter.rename(f"{total:,} replayed")
        if not sys.stderr.isatty():
            typer.echo(f"newsquake: {total} replayed", err=True)
