"""``newsquake evaluate``: metrics of models on labelled texts."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from cli.io.model_name import settings_for_model
from infra.progress.meter import Meter
from infra.usage_error import UsageError
from nlp.classifier import ModelMissing
from nlp.languages.tags import ANY
from nlp.settings import ModelSettings

if TYPE_CHECKING:
    from nlp.classifier import Classifier
    from nlp.evaluation.dataset import Dataset
    from nlp.evaluation.predictions import Predictions
    from nlp.evaluation.report import Report
    from nlp.rows.label_meanings import MeaningsByTask
    from nlp.tasks import Task


class Job(NamedTuple):
    """Arguments of the command; the first of ``models`` is compared with the others."""

    models: Sequence[str]
    data: Sequence[tuple[Path, "Task | None"]]
    meanings: "MeaningsByTask"
    train: Sequence[Path] = ()
    plots: Path | None = None
    as_json: bool = False
    seed: int = 1


def run(settings: ModelSettings, job: Job) -> None:
    """Evaluate the models on the labelled texts and print the reports.

    Raises:
        UsageError: there is no labelled text, or no model gives what the labels ask for.
        BadRows: a file can't be used.
        ModelMissing: a model, or a library that the command needs, can't be loaded.
        ModelError: a model fails on a text.
        OSError: the plots can't be written.
    """
    for library in ("sklearn", "scipy", *(["matplotlib"] if job.plots else [])):
        try:
            import_module(library)
        except ImportError as error:
            raise ModelMissing(f"evaluate needs {library}: install newsquake[training]") from error
    if not job.data:
        raise UsageError("no labelled texts: give files of texts and labels, CSV or JSONL")

    from cli.view.evaluation import as_json, print_tables
    from nlp.load import load

    with Meter() as meter, _writable_folder(job.plots) if job.plots else nullcontext():
        datasets = _open_datasets(job, meter)
        models = [load(settings_for_model(settings, name, language=ANY)) for name in job.models]
        reports = [_evaluate(dataset, models, meter, job.seed) for dataset in datasets]
        if not any(report.judgements for report in reports):
            raise UsageError("; ".join(line for report in reports for line in report.not_judged))
        if job.plots:
            from nlp.evaluation.plots import write_plots

            write_plots(job.plots, reports)

    if job.as_json:
        typer.echo(as_json(reports, job.seed))
    else:
        print_tables(reports)


def _open_datasets(job: Job, meter: Meter) -> "list[Dataset]":
    """Return the datasets; those with training rows of the same task know their near duplicates."""
    from nlp.evaluation.dataset import open_dataset, training_texts

    datasets = [open_dataset(path, task, job.meanings) for path, task in job.data]
    learnt: dict[Task, list[str]] = {}
    for path in job.train:
        task, texts = training_texts(path, job.meanings)
        learnt.setdefault(task, []).extend(texts)

    meter.begin("near duplicates", "files", len(datasets))
    for index, dataset in enumerate(datasets):
        if dataset.task in learnt:
            datasets[index] = dataset.mark_training_texts(learnt[dataset.task])
        meter.advance()
    return datasets


def _evaluate(
    dataset: "Dataset", models: "Sequence[Classifier]", meter: Meter, seed: int
) -> "Report":
    """Return the report on all models; it says why a model can't be evaluated."""
    from nlp.evaluation.predictions import NotEvaluated, predict
    from nlp.evaluation.report import make_report

    predictions: list[tuple[str, Predictions]] = []
    problems: list[str] = []
    for model in models:
        meter.begin(f"{dataset.task} by {model.model_id}", "texts", len(dataset.texts))
        try:
            prediction = predict(model, dataset.texts, dataset.task, meter.advance)
            predictions.append((model.model_id, prediction))
        except NotEvaluated as error:
            problems.append(str(error))
    meter.end()
    return make_report(dataset, predictions, problems, seed)


@contextmanager
def _writable_folder(folder: Path) -> Iterator[None]:
    """Make the folder before minutes of work are spent, and remove it if they fail."""
    existed = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise OSError(f"--plots {folder} can't be written to: {error.strerror}") from error
    try:
        yield
    except BaseException:
        if not existed:
            with suppress(OSError):
                folder.rmdir()
        raise
