"""``newsquake evaluate``."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from infra.usage_error import UsageError
from nlp.classifier import ModelMissing
from nlp.settings import ModelSettings

if TYPE_CHECKING:
    from nlp.classifier import Classifier
    from nlp.evaluation.dataset import Dataset
    from nlp.evaluation.predictions import Predictions
    from nlp.evaluation.report import Report
    from nlp.tasks import Task


class Job(NamedTuple):
    """What the command line asks for; the first of ``models`` is compared to the others."""

    models: Sequence[str]
    data: Sequence[tuple[Path, "Task | None"]]
    train: Sequence[Path] = ()
    plots: Path | None = None
    as_json: bool = False
    seed: int = 1


def run(settings: ModelSettings, job: Job) -> None:
    """Judge the models on the labelled texts and print what came out.

    Raises:
        UsageError: there is nothing to judge, or no model could be asked.
        BadRows: a file can't be used.
        ModelMissing: a model can't be loaded.
        ModelError: a model fails on a text.
        OSError: the pictures can't be written.
    """
    _libraries("sklearn", "scipy", *(["matplotlib"] if job.plots else []))
    if not job.data:
        raise UsageError("nothing to judge by: give labelled texts, CSV or JSONL")
    with _bar() as bar, _folder(job.plots) if job.plots else nullcontext():
        exams = _exams(job, bar)
        models = [_load(settings, name) for name in job.models]
        found = [_verdict(exam, models, bar, job.seed) for exam in exams]
        if not any(it.judgements for it in found):
            raise UsageError("; ".join(line for it in found for line in it.not_judged))
        if job.plots:
            _write(job.plots, found)
    _say(found, job)


def _exams(job: Job, bar: Progress) -> "list[Dataset]":
    from nlp.evaluation.dataset import open_dataset  # noqa: PLC0415

    exams = [open_dataset(path, task) for path, task in job.data]
    train = [open_dataset(path) for path in job.train]
    compared = {exam.task for exam in train}
    task = bar.add_task("near duplicates", total=len(exams), visible=bool(train))
    for place, exam in enumerate(exams):
        if exam.task in compared:
            known = [text for it in train if it.task == exam.task for text in it.texts]
            exams[place] = exam.mark_training_texts(known)
        bar.advance(task)
    return exams


def _load(settings: ModelSettings, name: str) -> "Classifier":
    from nlp.load import load  # noqa: PLC0415

    try:
        alone = {**settings.model_dump(), "model": name, "shadow": ""}
        return load(ModelSettings.model_validate(alone))
    except ValidationError as error:
        said = error.errors(include_url=False)[0]["msg"]
        raise UsageError(f"model {name!r}: {said}") from None


def _verdict(exam: "Dataset", models: "Sequence[Classifier]", bar: Progress, seed: int) -> "Report":
    from nlp.evaluation.predictions import NotEvaluated, predict  # noqa: PLC0415
    from nlp.evaluation.report import make_report  # noqa: PLC0415

    found: list[tuple[str, Predictions]] = []
    problems: list[str] = []
    for model in models:
        task = bar.add_task(f"{exam.task}: {model.model_id}", total=len(exam.texts))
        try:
            guesses = predict(model, exam.texts, exam.task, partial(bar.advance, task))
            found.append((model.model_id, guesses))
        except NotEvaluated as error:
            problems.append(str(error))
    return make_report(exam, found, problems, seed)


def _write(folder: Path, found: "Sequence[Report]") -> None:
    from nlp.evaluation.plots import draw_plots, slug  # noqa: PLC0415

    made: dict[str, bytes] = {}
    for place, it in enumerate(found):
        same = [other.task for other in found[:place]].count(it.task)
        name = f"{it.task}-{same + 1}" if same else it.task
        for judged in it.judgements:
            images = draw_plots(judged, it.labels, name)
            made |= {f"{name}-{slug(judged.model)}-{of}.png": png for of, png in images.items()}
    for name, png in made.items():
        _replace(folder / name, png)


def _replace(path: Path, content: bytes) -> None:
    """A file is there as a whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _folder(folder: Path) -> Iterator[None]:
    """Made at once, for minutes of work would be lost; gone again if nothing came of it."""
    there = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise OSError(f"--plots {folder} can't be written to: {error.strerror}") from error
    try:
        yield
    except BaseException:
        if not there:
            with suppress(OSError):
                folder.rmdir()
        raise


def _say(found: "Sequence[Report]", job: Job) -> None:
    from cli.view.evaluation import as_json, tables  # noqa: PLC0415

    if job.as_json:
        typer.echo(as_json(found, job.seed))
        return
    console = Console()
    for table in (table for it in found for table in tables(it, console.width)):
        console.print(table)
        console.print()


def _bar() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    # Even an idle bar would print an empty line to what is no terminal.
    console = Console(stderr=True, quiet=not sys.stderr.isatty())
    return Progress(*columns, console=console, transient=True)


def _libraries(*names: str) -> None:
    for name in names:
        try:
            import_module(name)
        except ImportError as error:
            raise ModelMissing(f"evaluate needs {name}: install newsquake[training]") from error
