"""Screens for snapshots: redrawn in place on a terminal, lines in any other output."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.live import Live

from demo.view import Snapshot, alert_text, headlines, kill_text, render, status_line

_LINE_SECONDS = 2.0


class Screen(Protocol):
    """A place to show snapshots, several a second."""

    def show(self, shot: Snapshot) -> None:
        """Show a snapshot in place of the last one."""


class _LiveView:
    def __init__(self, live: Live) -> None:
        self._live = live

    def show(self, shot: Snapshot) -> None:
        self._live.update(render(shot))


class Lines:
    """Prints a line of numbers every two seconds, and each alert and kill once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown_alerts = 0
        self._shown_kills = 0
        self._last_line = float("-inf")

    def show(self, shot: Snapshot) -> None:
        """Print what is new in a snapshot."""
        for kill in shot.kills[self._shown_kills :]:
            self._console.print(kill_text(kill), soft_wrap=True)
        for alert in shot.alerts[self._shown_alerts :]:
            for line in (alert_text(alert), *headlines(alert)):
                self._console.print(line, soft_wrap=True)
        self._shown_alerts, self._shown_kills = len(shot.alerts), len(shot.kills)
        if time.monotonic() - self._last_line >= _LINE_SECONDS:
            self._last_line = time.monotonic()
            self._console.print(status_line(shot), soft_wrap=True, markup=False)


@contextmanager
def screen(console: Console) -> Iterator[Screen]:
    """Open a live view if the console is a terminal, else print lines."""
    if not console.is_terminal:
        yield Lines(console)
        return
    with Live(console=console, refresh_per_second=8) as live:
        yield _LiveView(live)
