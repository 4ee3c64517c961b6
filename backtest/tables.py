"""Tables of a backtest's results."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from rich.table import Table

from backtest.alert_history import AlertHistory
from backtest.comparison import Entry
from detection.evaluation import Evaluation
from infra.terminal import printable

_HOUR: Final = timedelta(hours=1)
_MAX_HOURS: Final = 48
"""From this length on, a time is shown in days."""


def alerts(histories: Sequence[AlertHistory]) -> Table:
    """Return a table with one line for each alert."""
    discoveries = sum(history.last.discovery for history in histories)
    title = f"{len(histories)} alerts, {discoveries} of them discoveries (UTC)"
    table = Table(title=title, title_justify="left")
    for name in ("subject", "severity", "discovery", "onset", "fired", "escalated", "resolved"):
        table.add_column(name, no_wrap=True)
    for name in ("volume", "expected", "negative", "usually", "evidence", "stories"):
        table.add_column(name, justify="right", no_wrap=True)
    for history in histories:
        table.add_row(*_alert_cells(history))
    return table


def _alert_cells(history: AlertHistory) -> Sequence[str]:
    fired, last, peak = history.fired, history.last, history.peak
    escalations = [alert for alert in history.changes if alert.status == "escalated"]
    return (
        printable(fired.subject),
        last.severity,
        "yes" if last.discovery else "",
        _time(fired.onset),
        _time(fired.detected_at),
        _time(escalations[0].detected_at) if escalations else "",
        _time(last.detected_at) if last.status == "resolved" else "still firing",
        f"{peak.volume:.0f}",
        f"{peak.expected_volume:.1f}",
        f"{peak.negative_share:.0%}",
        f"{peak.expected_share:.0%}",
        f"{peak.evidence:.1f}",
        str(peak.stories),
    )


def events(evaluation: Evaluation) -> Table:
    """Return a table with one line for each known event."""
    table = Table(title="known events", title_justify="left")
    for name in ("subject", "from", "to", "found", "after", "note"):
        table.add_column(name, justify="right" if name == "after" else "left")
    for event, detected in zip(evaluation.events, evaluation.detections, strict=True):
        table.add_row(
            printable(", ".join(event.subjects)),
            _time(event.begin),
            _time(event.end),
            _time(detected) if detected else "no",
            _duration(detected - event.begin) if detected else "",
            printable(event.note),
        )
    return table


def comparison(ours: Evaluation, setting: str, others: Iterable[Entry]) -> Table:
    """Return a table with our detector and the others, one line for each setting."""
    table = Table(
        title=f"compared with other detectors, over {ours.months:.1f} subject-months",
        title_justify="left",
        caption="tuned: the lowest threshold, chosen in hindsight, with no more alerts than ours",
        caption_justify="left",
    )
    for name in ("detector", "setting"):
        table.add_column(name, no_wrap=True)
    for name in ("alerts", "a month", "false a month", "recall", "median delay"):
        table.add_column(name, justify="right")
    for entry in (Entry("ours", setting, ours), *others):
        evaluation = entry.evaluation
        if evaluation is None:
            table.add_row(entry.name, entry.setting)
            continue
        months = max(evaluation.months, 1e-9)
        table.add_row(
            entry.name,
            entry.setting,
            str(evaluation.alerts),
            f"{evaluation.alerts / months:.3f}",
            f"{evaluation.false / months:.3f}",
            "" if evaluation.recall is None else f"{evaluation.recall:.0%}",
            "" if evaluation.delay is None else _duration(evaluation.delay),
        )
    return table


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"


def _duration(time: timedelta) -> str:
    hours = time / _HOUR
    return f"{hours:.1f} h" if hours < _MAX_HOURS else f"{hours / 24:.1f} d"
