"""The demo's live view: pure functions from a snapshot to text and tables for rich."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from demo.chaos import Kill
from infra.terminal import alert_summary
from schemas.alert import Alert

_MAX_ALERTS: Final = 6
"""The view shows at most so many alerts."""

_MAX_HEADLINES: Final = 2
"""The view shows at most so many headlines of an alert."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of the demo at one moment.

    Attributes:
        seconds: Time since the start.
        total: Number of records in the feed.
        event_time: Event time of the last article sent; None before the first.
        counts: Records by name of what was counted.
        rates: Records a second, by the same names.
        lag: Consumer lag by agent; empty while the broker does not answer.
        alerts: All alerts so far.
        kills: All kills so far.
    """

    seconds: float
    total: int
    event_time: datetime | None
    counts: Mapping[str, int]
    rates: Mapping[str, float]
    lag: Mapping[str, int]
    alerts: tuple[Alert, ...]
    kills: tuple[Kill, ...]


def render(shot: Snapshot) -> RenderableType:
    """Return the live view, about twenty lines."""
    alerts: list[RenderableType] = [Text("no alerts yet", style="dim")]
    if shot.alerts:
        latest = reversed(shot.alerts[-_MAX_ALERTS:])
        alerts = [line for alert in latest for line in (alert_text(alert), *headlines(alert))]
    kills: list[RenderableType] = []
    if shot.kills:
        count = (f"{len(shot.kills)} workers killed, last: ", "yellow")
        kills = [Text(), Text.assemble(count, kill_text(shot.kills[-1]))]

    date = f"{shot.event_time:%a %d %b %Y %H:%M}" if shot.event_time else "…"
    bar = ProgressBar(total=shot.total, completed=shot.counts.get("published", 0))
    progress = Table.grid(padding=(0, 2), expand=True)
    progress.add_column(no_wrap=True)
    progress.add_column(ratio=1)
    progress.add_row(f"news of {date}", bar)
    return Panel(
        Group(progress, Text(), _numbers(shot), Text(), *alerts, *kills),
        title="newsquake demo",
        subtitle=f"{shot.seconds:.0f} s",
    )


def status_line(shot: Snapshot) -> str:
    """Return the same numbers in one line, for an output that is no terminal."""
    counts = ", ".join(f"{name} {count}" for name, count in shot.counts.items())
    lag = " ".join(f"{agent} {count}" for agent, count in shot.lag.items())
    return f"{shot.seconds:5.1f} s  {counts}; lag {lag or 'unknown'}"


def alert_text(alert: Alert) -> Text:
    """Return an alert in one line: time, status, severity, subject and numbers."""
    status = f"{alert.status:9} {alert.severity:8} "
    return Text.assemble(
        (f"{alert.detected_at:%b %d %H:%M} ", "dim"),
        (status, "green" if alert.status == "resolved" else "bold red"),
        (f"{alert.subject} ", "bold"),
        alert_summary(alert),
    )


def headlines(alert: Alert) -> list[Text]:
    """Return the first headlines of an alert; none if it is resolved."""
    shown = alert.headlines[:_MAX_HEADLINES] if alert.status != "resolved" else ()
    return [Text(f"    {headline.text}", no_wrap=True, overflow="ellipsis") for headline in shown]


def kill_text(kill: Kill) -> Text:
    """Return a kill in one line."""
    return Text(f"SIGKILL {kill.worker} ({kill.pid})", style="yellow")


def _numbers(shot: Snapshot) -> RenderableType:
    counts = Table("", "records", "a second", box=None, pad_edge=False)
    for column in counts.columns[1:]:
        column.justify = "right"
    for name, count in shot.counts.items():
        counts.add_row(name, f"{count:,}", f"{shot.rates.get(name, 0.0):,.0f}")

    lags = Table("agent", "lag", box=None, pad_edge=False)
    lags.columns[1].justify = "right"
    for agent, lag in shot.lag.items():
        lags.add_row(agent, f"{lag:,}")

    side_by_side = Table.grid(padding=(0, 6))
    side_by_side.add_row(counts, lags)
    return side_by_side
