"""Tables of a backtest's results."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table

from backtest.alert_list import date_time
from backtest.comparison import Entry
from detection.evaluation import Evaluation, KnownEvent
from infra.terminal import printable

_HOUR: Final = timedelta(hours=1)
_MAX_HOURS: Final = 48
"""From this length on, a time is shown in days."""


def _table(title: str, *, is_narrow: bool = False) -> Table:
    """Return an empty table without lines between its columns."""
    return Table(
        title=title,
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 0 if is_narrow else 1),
        collapse_padding=True,
    )


def events(evaluation: Evaluation) -> Table:
    """Return a table with one line for each known event."""
    table = _table("known events")
    for name in ("subject", "from", "to", "found after", "note"):
        table.add_column(name, justify="right" if name == "found after" else "left")
    for event, detected in zip(evaluation.events, evaluation.detections, strict=True):
        table.add_row(
            printable(", ".join(event.subjects)),
            date_time(event.begin),
            date_time(event.end),
            _duration(detected - event.begin) if detected else "no",
            printable(event.note),
        )
    return table


def recalls(evaluation: Evaluation) -> Table:
    """Return a table with the recall and the delay of events of each size and of each kind."""
    table = _table("known events by size and kind")
    for name in ("size, kind", "events", "found", "recall", "delay"):
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
    table = _table(title)
    for name in ("subject", "from", "to", "alert after", "kind", "note"):
        table.add_column(name, justify="right" if name == "alert after" else "left")
    for time, disturbed in zip(evaluation.harmless, evaluation.disturbed, strict=True):
        if disturbed is not None:
            table.add_row(
                printable(", ".join(time.subjects)),
                date_time(time.begin),
                date_time(time.end),
                _duration(disturbed - time.begin),
                printable(time.kind),
                printable(time.note),
            )
    return table


def comparison(ours: Evaluation, setting: str, others: Iterable[Entry]) -> Table:
    """Return a table with our detector and the others, one line for each setting."""
    title = f"compared with other detectors, over {ours.months:.1f} subject-months"
    table = _table(title, is_narrow=bool(ours.harmless))
    for name in ("detector", "setting"):
        table.add_column(name, no_wrap=True)
    names = ["alerts", "a month"]
    names += ["false", "recall", "delay"] if ours.events else []
    names += ["harmless"] if ours.harmless else []
    for name in names:
        table.add_column(name, justify="right")
    for entry in (Entry("ours", setting, ours), *others):
        evaluation = entry.evaluation
        if evaluation is None:
            table.add_row(entry.name, entry.setting)
            continue
        months = max(evaluation.months, 1e-9)
        cells = [str(evaluation.alerts), f"{evaluation.alerts / months:.2f}"]
        if ours.events:
            cells += [f"{evaluation.false / months:.2f}", *_recall_cells(evaluation)]
        if ours.harmless:
            cells.append(str(evaluation.false_harmless))
        table.add_row(entry.name, entry.setting, *cells)
    return table


def _duration(time: timedelta) -> str:
    hours = time / _HOUR
    return f"{hours:.1f} h" if hours < _MAX_HOURS else f"{hours / 24:.1f} d"
