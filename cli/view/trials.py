"""The comparison of a candidate with the current model, as a table."""

from collections.abc import Sequence

from rich.table import Table

from nlp.continual.promotion import Trial, deciding_differences, format_difference


def trials_table(trials: Sequence[Trial]) -> Table:
    """Return a table with two lines for each trial: its difference in accuracy and in macro F1."""
    table = Table("texts", "task", "rows", "figure", "current", "candidate", "difference (95 %)")
    for trial in trials:
        metrics = (trial.current, trial.candidate)
        values = [[model.accuracy for model in metrics], [model.macro_f1 for model in metrics]]
        for (name, difference), pair in zip(deciding_differences(trial), values, strict=True):
            figures = (f"{value:.3f}" for value in pair)
            rows = str(trial.candidate.rows)
            change = format_difference(difference)
            table.add_row(trial.text_set, trial.task, rows, name, *figures, change)
    return table
