"""Report of a backtest on the terminal: alerts, known events, comparison with other detectors."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from rich.console import Console

from backtest import tables
from backtest.alert_history import AlertHistory
from backtest.comparison import MEMORY, compare_detectors
from backtest.job import Job
from backtest.source import Source
from detection.evaluation import Evaluation
from detection.rule import Rule

_ROWS_MEMORY: Final = timedelta(days=1)
"""Memory of the reference detectors for rows of numbers, which often come every few minutes."""
_FILE_WIDTH: Final = 210
"""Characters of a line if the output is not a terminal: enough for all tables."""


def print_report(
    rule: Rule,
    job: Job,
    source: Source,
    ours: Evaluation,
    histories: Sequence[AlertHistory],
) -> None:
    """Print the tables of a backtest; the comparison only if all subjects are shown."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_FILE_WIDTH)

    console.print(tables.alerts(histories))
    if ours.events:
        console.print(tables.events(ours))
        if any(event.kind or event.size for event in ours.events):
            console.print(tables.recalls(ours))
    if ours.harmless:
        console.print(tables.harmless(ours))
    if not job.subject:
        memory = _ROWS_MEMORY if job.volume else MEMORY
        promise = f"{rule.false_alarms_per_subject_month:g} a month"
        others = compare_detectors(source.series, ours, memory)
        console.print(tables.comparison(ours, promise, others))
