"""Job of a backtest: what the command line asks for."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from infra.input.messages import DEFAULTS
from infra.input.options import InputOptions


class Job(NamedTuple):
    """Arguments and options of ``newsquake backtest``.

    Attributes:
        files: Input files; ``-`` is standard input.
        options: How the files are read.
        events: File of known events.
        harmless: File of times of much but harmless attention.
        as_json: Print each change of an alert as JSON, instead of tables.
        plot: File for the seismogram of one subject.
        plots: Folder for the seismograms of all subjects that alert.
        svg: Draw SVG in that folder, not PNG.
        volume: Read rows of numbers instead of news.
        subject: Show this subject only; all if empty.
    """

    files: Sequence[str]
    options: InputOptions = DEFAULTS
    events: Path | None = None
    harmless: Path | None = None
    as_json: bool = False
    plot: Path | None = None
    volume: bool = False
    subject: str = ""
    plots: Path | None = None
    svg: bool = False

    @property
    def draws(self) -> bool:
        """Return whether there are pictures to draw."""
        return self.plot is not None or self.plots is not None
