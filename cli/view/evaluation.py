"""Reports of ``newsquake evaluate`` as tables for people and as JSON for programs."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import orjson
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from cli.view.labels import label_list
from nlp.evaluation.bootstrap import LEVEL, SAMPLES
from nlp.evaluation.calibration_bins import BINS
from nlp.evaluation.near_duplicates import RULE

if TYPE_CHECKING:
    from nlp.evaluation.bootstrap import Interval
    from nlp.evaluation.comparison import Comparison, Difference
    from nlp.evaluation.report import ModelReport, Report

_MAX_CONFUSIONS: Final = 10
_COLUMN_CHARS: Final = 6
"""Width of one column of a confusion matrix."""
_MARGIN_CHARS: Final = 30
"""Width of the model's name and the labels next to a confusion matrix."""


def as_json(reports: "Sequence[Report]", seed: int) -> str:
    """Return all reports and the methods behind them in one object."""
    method = {
        "near_duplicate": RULE,
        "ece": f"{BINS} bins of equal width of the guess's score (Guo et al. 2017)",
        "intervals": f"{LEVEL:.0%} percentiles of {SAMPLES} paired bootstrap samples",
        "seed": seed,
    }
    return orjson.dumps({"method": method, "sets": reports}).decode()


def print_tables(reports: "Sequence[Report]") -> None:
    """Print the tables of all reports to the terminal."""
    console = Console()
    for report in reports:
        for table in tables(report, console.width):
            console.print(table)
            console.print()


def tables(report: "Report", width: int) -> Iterator[RenderableType]:
    """Yield the tables of one report, for a terminal of ``width`` characters."""
    yield Text(f"{report.task}: {report.file}, {report.rows:,} rows", style="bold")
    yield Text(f"labels: {label_list(report.label_map)}", style="dim")
    yield from (Text(f"not evaluated: {reason}", style="yellow") for reason in report.not_judged)
    if not report.judgements:
        return
    yield _models_table(report)

    note = f"ECE of {BINS} bins of the guess's score (Guo et al. 2017). "
    if report.near_duplicates is None:
        note += "For de-duplicated scores give the training rows, --train FILE."
    else:
        share = report.near_duplicates / report.rows
        note += f"De-duplicated: without {report.near_duplicates:,} rows ({share:.1%}) "
        note += f"that are like a training row: {RULE}."
    yield Text(note, style="dim")

    if report.comparisons:
        yield _comparisons_table(report.comparisons)
    yield _classes_table(report.judgements)
    yield _slices_table(report.judgements)
    for model in report.judgements:
        if _MARGIN_CHARS + _COLUMN_CHARS * len(report.labels) <= width:
            yield _confusion_matrix(model, report.labels)
        else:
            yield _largest_confusions(model, report.labels)


def _models_table(report: "Report") -> Table:
    table = _table("", "accuracy", "95 %", "macro F1", "95 %", "weighted", "ECE")
    for model in report.judgements:
        metrics = model.measures
        table.add_row(
            model.model,
            f"{metrics.accuracy:.3f}",
            _interval(model.accuracy_interval),
            f"{metrics.macro_f1:.3f}",
            _interval(model.macro_f1_interval),
            f"{metrics.weighted_f1:.3f}",
            f"{model.ece:.3f}",
        )
        if deduplicated := model.deduplicated:
            table.add_row(
                "  de-duplicated",
                f"{deduplicated.accuracy:.3f}",
                "",
                f"{deduplicated.macro_f1:.3f}",
                "",
                f"{deduplicated.weighted_f1:.3f}",
                "",
            )
        if model.unanswered:
            table.add_row(f"  {model.unanswered:,} rows without an answer")
    return table


def _interval(interval: "Interval") -> str:
    return f"{interval.low:.3f} {interval.high:.3f}"


def _comparisons_table(comparisons: "Sequence[Comparison]") -> Table:
    columns = ("accuracy", "95 %", "macro F1", "95 %", "only right", "McNemar")
    table = _table(comparisons[0].first, *columns)
    for comparison in comparisons:
        test = comparison.mcnemar
        table.add_row(
            f"less {comparison.second}",
            *_difference(comparison.accuracy),
            *_difference(comparison.macro_f1),
            f"{test.only_first} : {test.only_second}",
            f"{test.p:.2g}",
        )
    return table


def _difference(difference: "Difference") -> tuple[str, str]:
    interval = difference.interval
    return f"{difference.value:+.3f}", f"{interval.low:+.3f} {interval.high:+.3f}"


def _classes_table(models: "Sequence[ModelReport]") -> Table:
    first, *others = models
    table = _table("class", "rows", "precision", "recall", "F1", *_f1_columns(others))
    for index, metrics in enumerate(first.classes):
        other_f1 = [other.classes[index].f1 for other in others]
        scores = [metrics.precision, metrics.recall, metrics.f1, *other_f1]
        table.add_row(metrics.label, f"{metrics.support:,}", *(f"{score:.3f}" for score in scores))
    return table


def _slices_table(models: "Sequence[ModelReport]") -> Table:
    first, *others = models
    table = _table("slice", "rows", "accuracy", "macro F1", *_f1_columns(others))
    for index, text_slice in enumerate(first.slices):
        metrics = text_slice.measures
        other_f1 = [other.slices[index].measures.macro_f1 for other in others]
        scores = [metrics.accuracy, metrics.macro_f1, *other_f1]
        name = f"{text_slice.by}: {text_slice.of}"
        table.add_row(name, f"{metrics.rows:,}", *(f"{score:.3f}" for score in scores))
    return table


def _f1_columns(models: "Sequence[ModelReport]") -> list[str]:
    return [f"F1 of {model.model}" for model in models]


def _confusion_matrix(model: "ModelReport", labels: Sequence[str]) -> Table:
    table = _table(f"{model.model}: label, guess", *labels)
    for label, counts in zip(labels, model.confusion, strict=True):
        table.add_row(label, *(f"{count:,}" for count in counts))
    return table


def _largest_confusions(model: "ModelReport", labels: Sequence[str]) -> Table:
    """Return the pairs that are confused most, if the matrix is too wide for the terminal."""
    confusions = sorted(
        (-count, label, guess)
        for label, counts in zip(labels, model.confusion, strict=True)
        for guess, count in zip(labels, counts, strict=True)
        if count and guess != label
    )
    table = _table(f"{model.model}: label", "most often taken for", "rows")
    for negative_count, label, guess in confusions[:_MAX_CONFUSIONS]:
        table.add_row(label, guess, f"{-negative_count:,}")
    return table


def _table(first_column: str, *columns: str) -> Table:
    table = Table(first_column, box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table
