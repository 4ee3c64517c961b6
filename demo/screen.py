"""Shows snapshots: drawn over one another on a terminal, else as lines that a log can keep."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.live import Live

from demo.view import Snapshot, alert_text, headlines, kill_text, render, status_line

_LINE_SECONDS = 2.0


class Screen(Protocol):
    """Where snapshots go, several a second."""

    def show(self, shot: Snapshot) -> None:
        """Show one."""


class _Drawn:
    def __init__(self, live: Live) -> None:
        self._live = live

    def show(self, shot: Snapshot) -> None:
        self._live.update(render(shot))


class Lines:
    """A line of numbers every two seconds, and alerts and kills as they come."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._alerts = 0
        self._kills = 0
        self._last = float("-inf")

    def show(self, shot: Snapshot) -> None:
        """Print what is new."""
        for kill in shot.kills[self._kills :]:
            self._console.print(kill_text(kill), soft_wrap=True)
        for alert in shot.alerts[self._alerts :]:
            for line in (alert_text(alert), *headlines(alert)):
                self._console.print(line, soft_wrap=True)
        self._alerts, self._kills = len(shot.alerts), len(shot.kills)
        if time.monotonic() - self._last >= _LINE_SECONDS:
            self._last = time.monotonic()
            self._console.print(status_line(shot), soft_wrap=True, markup=False)


@contextmanager
def screen(console: Console) -> Iterator[Screen]:
    """The screen that suits the console."""
    if not console.is_terminal:
        yield Lines(console)
        return
    with Live(console=console, refresh_per_second=8) as live:
        yield _Drawn(live)
