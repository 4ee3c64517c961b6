"""What ``newsquake evaluate`` found, as tables for people and as JSON for programs."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import orjson
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from nlp.evaluation.bootstrap import LEVEL, SAMPLES
from nlp.evaluation.calibration_bins import BINS
from nlp.evaluation.near_duplicates import RULE

if TYPE_CHECKING:
    from nlp.evaluation.bootstrap import Interval
    from nlp.evaluation.comparison import Comparison, Difference
    from nlp.evaluation.report import ModelReport, Report
    from nlp.metrics import Metrics

_CONFUSIONS = 10
_CELL, _EDGE = 6, 30  # characters of a confusion matrix's column, and of what stands beside


def as_json(found: "Sequence[Report]", seed: int) -> str:
    """Everything, in one object."""
    method = {
        "near_duplicate": RULE,
        "ece": f"{BINS} bins of equal width of the guess's score (Guo et al. 2017)",
        "intervals": f"{LEVEL:.0%} percentiles of {SAMPLES} paired bootstrap samples",
        "seed": seed,
    }
    return orjson.dumps({"method": method, "sets": found}).decode()


def tables(it: "Report", width: int) -> Iterator[RenderableType]:
    """One set of texts, for a terminal of ``width`` characters."""
    yield Text(f"{it.task}: {it.file}, {it.rows:,} rows", style="bold")
    yield from (Text(f"not judged: {line}", style="yellow") for line in it.not_judged)
    if not it.judgements:
        return
    yield _models(it)
    yield Text(_near(it), style="dim")
    if it.comparisons:
        yield _comparisons(it.comparisons)
    yield _classes(it.judgements)
    yield _slices(it.judgements)
    for judged in it.judgements:
        yield _confusion(judged, it.labels, width)


def _near(it: "Report") -> str:
    calibration = f"ECE of {BINS} bins of the guess's score (Guo et al. 2017)."
    if it.near_duplicates is None:
        return f"{calibration} For de-duplicated scores give the training rows, --train FILE."
    share = it.near_duplicates / it.rows
    return (
        f"{calibration} De-duplicated: without {it.near_duplicates:,} rows ({share:.1%}) "
        f"that are like a training row: {RULE}."
    )


def _models(it: "Report") -> Table:
    table = _table("", "accuracy", "95 %", "macro F1", "95 %", "weighted", "ECE")
    for judged in it.judgements:
        of = judged.measures
        table.add_row(
            judged.model,
            f"{of.accuracy:.3f}",
            _interval(judged.accuracy_interval),
            f"{of.macro_f1:.3f}",
            _interval(judged.macro_f1_interval),
            f"{of.weighted_f1:.3f}",
            f"{judged.ece:.3f}",
        )
        if without := judged.deduplicated:
            table.add_row("  de-duplicated", *_deduplicated(without))
        if judged.unanswered:
            table.add_row(f"  {judged.unanswered:,} rows without an answer")
    return table


def _deduplicated(of: "Metrics") -> list[str]:
    return [f"{of.accuracy:.3f}", "", f"{of.macro_f1:.3f}", "", f"{of.weighted_f1:.3f}", ""]


def _comparisons(found: "Sequence[Comparison]") -> Table:
    columns = ("accuracy", "95 %", "macro F1", "95 %", "only right", "McNemar")
    table = _table(found[0].first, *columns)
    for it in found:
        test = it.mcnemar
        table.add_row(
            f"less {it.second}",
            *_difference(it.accuracy),
            *_difference(it.macro_f1),
            f"{test.only_first} : {test.only_second}",
            f"{test.p:.2g}",
        )
    return table


def _difference(it: "Difference") -> tuple[str, str]:
    return f"{it.value:+.3f}", f"{it.interval.low:+.3f} {it.interval.high:+.3f}"


def _classes(found: "Sequence[ModelReport]") -> Table:
    first, *others = found
    table = _table("class", "rows", "precision", "recall", "F1", *_against(others))
    for place, of in enumerate(first.classes):
        scores = [of.precision, of.recall, of.f1, *(it.classes[place].f1 for it in others)]
        table.add_row(of.label, f"{of.support:,}", *(f"{score:.3f}" for score in scores))
    return table


def _slices(found: "Sequence[ModelReport]") -> Table:
    first, *others = found
    table = _table("slice", "rows", "accuracy", "macro F1", *_against(others))
    for place, it in enumerate(first.slices):
        of, theirs = it.measures, [other.slices[place].measures.macro_f1 for other in others]
        scores = [of.accuracy, of.macro_f1, *theirs]
        name = f"{it.by}: {it.of}"
        table.add_row(name, f"{of.rows:,}", *(f"{score:.3f}" for score in scores))
    return table


def _against(others: "Sequence[ModelReport]") -> list[str]:
    return [f"F1 of {it.model}" for it in others]


def _confusion(judged: "ModelReport", labels: Sequence[str], width: int) -> Table:
    if _EDGE + _CELL * len(labels) > width:
        return _confusions(judged, labels)
    table = _table(f"{judged.model}: label, guess", *labels)
    for label, counts in zip(labels, judged.confusion, strict=True):
        table.add_row(label, *(f"{count:,}" for count in counts))
    return table


def _confusions(judged: "ModelReport", labels: Sequence[str]) -> Table:
    """What is confused most: a matrix of many classes is for pictures."""
    cells = sorted(
        (-count, label, guess)
        for label, counts in zip(labels, judged.confusion, strict=True)
        for guess, count in zip(labels, counts, strict=True)
        if count and guess != label
    )
    table = _table(f"{judged.model}: label", "most often taken for", "rows")
    for count, label, guess in cells[:_CONFUSIONS]:
        table.add_row(label, guess, f"{-count:,}")
    return table


def _interval(it: "Interval") -> str:
    return f"{it.low:.3f} {it.high:.3f}"


def _table(first: str, *columns: str) -> Table:
    table = Table(first, box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table
