"""Tables of a backtest's results."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from rich.table import Table

from backtest.alert_history import AlertHistory
from backtest.comparison import Entry
from detection.evaluation import Evaluation, KnownEvent
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


def recalls(evaluation: Evaluation) -> Table:
    """Return a table with the recall and the delay of events of each size and of each kind."""
    table = Table(title="known events by size and kind", title_justify="left")
    for name in ("size, kind", "events", "found", "recall", "median delay"):
        table.add_column(name, justify="left" if name == "size, kind" else "right")
    sizes = sorted({event.size for event in evaluation.events if event.size})
    kinds = sorted({event.kind for event in evaluation.events if event.kind})
    groups = [
        *((f"size {size}", evaluation.among(_has_size(size))) for size in sizes),
        *((kind, evaluation.among(_has_kind(kind))) for kind in kinds),
    ]
    for name, group in groups:
        found = sum(time is not None for time in group.detections)
        table.add_row(name, str(len(group.events)), str(found), *_recall_cells(group))
    return table


def _has_size(size: int) -> Callable[[KnownEvent], bool]:
    return lambda event: event.size == size


def _has_kind(kind: str) -> Callable[[KnownEvent], bool]:
    return lambda event: event.kind == kind


def _recall_cells(evaluation: Evaluation) -> tuple[str, str]:
    return (
        "" if evaluation.recall is None else f"{evaluation.recall:.0%}",
        "" if evaluation.delay is None else _duration(evaluation.delay),
    )


def harmless(evaluation: Evaluation) -> Table:
    """Return a table with the harmless times in which an alert fired or escalated."""
    title = (
        f"false alarms in {evaluation.false_harmless} of {len(evaluation.harmless)} harmless times"
    )
    table = Table(title=title, title_justify="left")
    for name in ("subject", "from", "to", "alert", "kind", "note"):
        table.add_column(name)
    for time, disturbed in zip(evaluation.harmless, evaluation.disturbed, strict=True):
        if disturbed is not None:
            table.add_row(
                printable(", ".join(time.subjects)),
                _time(time.begin),
                _time(time.end),
                _time(disturbed),
                printable(time.kind),
                printable(time.note),
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
    if ours.harmless:
        table.add_column("false of harmless", justify="right")
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
            *_recall_cells(evaluation),
            *([str(evaluation.false_harmless)] if ours.harmless else []),
        )
    return table


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"


def _duration(time: timedelta) -> str:
    hours = time / _HOUR
    return f"{hours:.1f} h" if hours < _MAX_HOURS else f"{hours / 24:.1f} d"
