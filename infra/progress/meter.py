"""Progress of a command's steps: a bar with rate and remaining time, or a line now and then.

Everything goes to stderr, so that what a command prints stays as it is.
"""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self, TextIO

from rich.console import Console
from rich.file_proxy import FileProxy
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

LINE_SECONDS: Final = 10.0
"""Seconds between two lines, where stderr is not a terminal."""
_BAR_SECONDS: Final = 0.5
"""A step that ends sooner shows no bar."""
_REFRESHES: Final = 4
"""Times a second that a bar is drawn."""
_MIN_SHARE: Final = 0.001
"""Share of the work from which on the remaining time can be told."""


class _AboveBar(FileProxy):
    """A standard stream whose lines are drawn above a bar.

    `typer.echo` writes past rich's own, which names no encoding.
    """

    def __init__(self, console: Console, stream: TextIO) -> None:
        super().__init__(console, stream)
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]  # nobody sets it
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]  # nobody sets it
        return self._stream.errors

    def isatty(self) -> bool:
        return self._stream.isatty()


class Meter:
    """Shows how far a command is; use it as a context manager.

    A bar stands below what the command prints meanwhile through ``console`` or `typer.echo`. It is
    gone at the end.
    """

    def __init__(
        self,
        console: Console | None = None,
        *,
        is_shown: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console or Console(stderr=True, soft_wrap=True, highlight=False)
        self._is_shown = is_shown
        self._clock = clock
        self._bar: Progress | None = None
        self._stdout, self._stderr = sys.stdout, sys.stderr
        self._task = TaskID(0)
        self._step, self._unit, self._total = "", "", 0.0
        self._first = self._count = 0
        self._share = self._first_share = 0.0
        self._begun = self._next_time = clock()

    def __enter__(self) -> Self:
        """Show nothing yet: the first step begins with `begin`."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        self.end()

    def begin(self, step: str, unit: str, total: float | None = None, done: int = 0) -> None:
        """Begin a step, which is about ``total`` things, if that is known.

        Args:
            step: The step, as ``scoring``.
            unit: What is counted, in the plural.
            total: How many there will be.
            done: How many were done before, by an earlier run.
        """
        self.end()
        self._step, self._unit, self._total = step, unit, total or 0.0
        self._first = self._count = done
        self._share = self._first_share = done / total if total else 0.0
        self._begun = self._clock()
        is_terminal = self._console.is_terminal
        self._next_time = self._begun + (_BAR_SECONDS if is_terminal else LINE_SECONDS)

    def advance(self, count: int = 1) -> None:
        """Note that ``count`` more are done."""
        self.update(self._count + count)

    def rename(self, step: str) -> None:
        """Call the step by another name from now on."""
        self._step = step

    def update(self, count: int, share: float | None = None) -> None:
        """Note how many are done, and the share of all work, if no total was given."""
        self._count = count
        if share is None:
            share = count / self._total if self._total else 0.0
        self._share = min(share, 1.0)
        if not self._is_shown:
            return
        now = self._clock()
        if now < self._next_time:
            return
        if self._console.is_terminal:
            self._next_time = now + 1.0 / _REFRESHES
            bar = self._bar or self._started_bar()
            bar.update(
                self._task,
                total=1.0 if self._share else None,  # a bar without a share pulses
                completed=self._share,
                description=self._step,
                text=self._numbers(),
            )
        else:
            self._next_time = now + LINE_SECONDS
            self._console.print(f"newsquake: {self.line()}", markup=False)

    def end(self) -> None:
        """Take the bar of the step away."""
        if self._bar is not None:
            sys.stdout, sys.stderr = self._stdout, self._stderr
            self._bar.stop()
            self._bar = None

    def line(self) -> str:
        """Return the progress of the step in words."""
        share, done = self._share, self._share - self._first_share
        left = ""
        if done >= _MIN_SHARE:
            seconds = (self._clock() - self._begun) * (1.0 - share) / done
            left = f", {share:.0%}, {duration(seconds)} left"
        return f"{self._step}: {self._numbers()}{left}"

    def _numbers(self) -> str:
        seconds = max(self._clock() - self._begun, 1e-9)
        rate = (self._count - self._first) / seconds
        of_total = f" of {self._total:,.0f}" if self._total else ""
        per_second = f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"  # noqa: PLR2004 - two digits
        return f"{self._count:,}{of_total} {self._unit}, {per_second}/s"

    def _started_bar(self) -> Progress:
        self._bar = bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[text]}"),
            TimeRemainingColumn(compact=True),
            console=self._console,
            refresh_per_second=_REFRESHES,
            transient=True,
            expand=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._stdout, self._stderr = sys.stdout, sys.stderr
        self._task = bar.add_task(self._step, total=None, text="")
        bar.start()
        sys.stderr = _AboveBar(self._console, self._stderr)
        if sys.stdout.isatty():  # what goes to a file or a pipe does not stand on the screen
            sys.stdout = _AboveBar(self._console, self._stdout)
        return bar


def duration(seconds: float) -> str:
    """Return a time as people read it off a clock.

    >>> [duration(seconds) for seconds in (5.0, 75.0, 3_675.0)]
    ['0:05', '1:15', '1:01:15']
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
