"""What the demo shows while it runs: pure, from a snapshot to what rich prints."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from demo.chaos import Kill
from infra.terminal import alert_summary
from schemas.alert import Alert

_ALERTS = 6  # shown at a time
_HEADLINES = 2  # of each


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment. Rates are records a second; a lag that can't be had just now is missing."""

    seconds: float
    total: int
    event_time: datetime | None
    counts: Mapping[str, int]
    rates: Mapping[str, float]
    lag: Mapping[str, int]
    alerts: tuple[Alert, ...]
    kills: tuple[Kill, ...]


def render(shot: Snapshot) -> RenderableType:
    """The live view, some twenty lines."""
    return Panel(
        Group(_progress(shot), Text(), _numbers(shot), Text(), *_alerts(shot), *_kills(shot)),
        title="newsquake demo",
        subtitle=f"{shot.seconds:.0f} s",
    )


def status_line(shot: Snapshot) -> str:
    """The same numbers in one line, for an output that is no terminal."""
    counts = ", ".join(f"{name} {count}" for name, count in shot.counts.items())
    lag = " ".join(f"{stage} {count}" for stage, count in shot.lag.items())
    return f"{shot.seconds:5.1f} s  {counts}; lag {lag or 'unknown'}"


def alert_text(alert: Alert) -> Text:
    """An alert in one line: when, what, and how unusual."""
    told = f"{alert.status:9} {alert.severity:8} "
    return Text.assemble(
        (f"{alert.detected_at:%b %d %H:%M} ", "dim"),
        (told, "green" if alert.status == "resolved" else "bold red"),
        (f"{alert.subject} ", "bold"),
        alert_summary(alert),
    )


def headlines(alert: Alert) -> list[Text]:
    """The headlines that speak loudest for an alert that is not over."""
    told = alert.headlines[:_HEADLINES] if alert.status != "resolved" else ()
    return [Text(f"    {headline.text}", no_wrap=True, overflow="ellipsis") for headline in told]


def kill_text(kill: Kill) -> Text:
    """A kill in one line."""
    return Text(f"SIGKILL {kill.worker} ({kill.pid})", style="yellow")


def _progress(shot: Snapshot) -> RenderableType:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    sent = shot.counts.get("published", 0)
    when = f"{shot.event_time:%a %d %b %Y %H:%M}" if shot.event_time else "…"
    table.add_row(f"news of {when}", ProgressBar(total=shot.total, completed=sent))
    return table


def _numbers(shot: Snapshot) -> RenderableType:
    left = Table("", "records", "a second", box=None, pad_edge=False)
    for column in left.columns[1:]:
        column.justify = "right"
    for name, count in shot.counts.items():
        left.add_row(name, f"{count:,}", f"{shot.rates.get(name, 0.0):,.0f}")
    right = Table("agent", "lag", box=None, pad_edge=False)
    right.columns[1].justify = "right"
    for stage, lag in shot.lag.items():
        right.add_row(stage, f"{lag:,}")
    side = Table.grid(padding=(0, 6))
    side.add_row(left, right)
    return side


def _alerts(shot: Snapshot) -> list[RenderableType]:
    if not shot.alerts:
        return [Text("no alerts yet", style="dim")]
    latest = reversed(shot.alerts[-_ALERTS:])
    return [line for alert in latest for line in (alert_text(alert), *headlines(alert))]


def _kills(shot: Snapshot) -> list[RenderableType]:
    if not shot.kills:
        return []
    told = f"{len(shot.kills)} workers killed, last: "
    return [Text(), Text.assemble((told, "yellow"), kill_text(shot.kills[-1]))]
