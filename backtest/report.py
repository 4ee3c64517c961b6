"""Report of a backtest: alerts, known events, comparison with other detectors, legend."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from rich.console import Console
from rich.text import Text

from backtest import tables
from backtest.alert_history import AlertHistory
from backtest.alert_list import alert_lines
from backtest.comparison import MEMORY, compare_detectors
from backtest.job import Job
from backtest.legend import legend, words_of_report
from backtest.source import Source
from detection.evaluation import Evaluation
from detection.reference_detectors.registry import REFERENCE_DETECTORS
from detection.rule import Rule

_ROWS_MEMORY: Final = timedelta(days=1)
"""Memory of the reference detectors for rows of numbers, which often come every few minutes."""
FILE_WIDTH: Final = 80
"""Characters of a line if the output is not a terminal."""


def print_report(
    rule: Rule,
    job: Job,
    source: Source,
    ours: Evaluation,
    histories: Sequence[AlertHistory],
) -> None:
    """Print the report of a backtest; the comparison only if all subjects are shown."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=FILE_WIDTH)

    for line in alert_lines(histories, of_numbers=job.volume):
        console.print(line, no_wrap=line.no_wrap, overflow=line.overflow)
    shown = []
    if ours.events:
        shown.append(tables.events(ours))
        if any(event.kind or event.size for event in ours.events):
            shown.append(tables.recalls(ours))
    if ours.harmless:
        shown.append(tables.harmless(ours))
    if not job.subject:
        memory = _ROWS_MEMORY if job.volume else MEMORY
        promise = f"{rule.false_alarms_per_subject_month:g} a month"
        meter = source.meter
        meter.begin("comparing", "detectors", 2 * len(REFERENCE_DETECTORS))
        others = []
        for entry in compare_detectors(source.series, ours, memory):
            others.append(entry)
            meter.advance()
        meter.end()
        shown.append(tables.comparison(ours, promise, others))
    for table in (*shown, legend(words_of_report(histories, ours, job))):
        # The title of a table is no wider than the table.
        console.print(Text(f"\n{table.title}", style="bold"))
        table.title = None
        console.print(table)
