"""``newsquake train``: train a model on files of labelled texts."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import orjson
from pydantic import ValidationError
from rich.console import Console

from cli.view.labels import report_labels
from infra.progress.meter import Meter
from infra.usage_error import UsageError
from nlp.metrics import Metrics
from nlp.rows.label_meanings import MeaningsByTask
from nlp.tasks import LABELS, TASKS, Task
from nlp.training.distributed import process_group
from nlp.training.progress import EpochResult
from nlp.training.recipe import Recipe
from nlp.training.run import TrainingJob, fit, read_rows
from nlp.training.snapshot import RecipeMismatch
from nlp.transformer.encoder import DEFAULT_ENCODER
from nlp.transformer.model_files import check, trained_tasks
from nlp.transformer.model_path import saved_folder

ENCODER: Final = "encoder"
"""Names the plain encoder, which has learnt no labels, as the model to start from."""
TRAINING_LOG: Final = "training.jsonl"
"""File in the model's folder with a JSON line for each report."""
_MIN_JUDGED_ROWS: Final = 30
"""Rows from which a start that is worse than chance shows a wrong map, and not bad luck."""
_LOGGED_STEP_INTERVAL: Final = 20
"""Steps from one line of the log to the next."""


@dataclass(frozen=True, slots=True)
class Job:
    """Arguments of the command.

    Attributes:
        recipe: the hyper-parameters.
        files: labelled texts of each task.
        meanings: of labels whose names do not say it.
        out: folder of the new model.
        init: name or folder of a model to start from, or `ENCODER`; empty for the shipped model,
            or for the plain encoder if that is another one, or if adapters are trained, which are
            counted from it.
        device: ``auto``, or a PyTorch device.
    """

    recipe: Recipe
    files: Mapping[Task, Path]
    meanings: MeaningsByTask
    out: Path
    init: str
    device: str


class TrainingView:
    """Shows a meter, and appends JSON lines to a log; see `ProgressListener`."""

    def __init__(self, log: Path, console: Console) -> None:
        self._meter = Meter(console)
        self._console = console
        self._log = log
        self._steps = 0
        self._before: Mapping[Task, Metrics] = {}

    def __enter__(self) -> Self:
        """Show nothing yet: the meter begins with the first report."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the meter away."""
        self._meter.end()

    def run_started(self, steps: int, done: int) -> None:
        """See `nlp.training.progress.ProgressListener`."""
        self._steps = done
        self._meter.begin("training", "steps", steps, done)
        self._append(event="begin", steps=steps, done=done)

    def step_finished(self, loss: float, rate: float) -> None:
        """See `nlp.training.progress.ProgressListener`."""
        self._steps += 1
        self._meter.rename(f"training, loss {loss:.3f}")
        self._meter.update(self._steps)
        if self._steps % _LOGGED_STEP_INTERVAL == 0:
            self._append(event="step", step=self._steps, loss=round(loss, 5), rate=rate)

    def start_scored(self, model: str, scores: Mapping[Task, Metrics]) -> None:
        """See `nlp.training.progress.ProgressListener`."""
        self._before = scores
        self._append(event="start", model=model, scores=scores)
        self._console.print(f"starts from {model}, which scores on the held-out rows:")
        for task, metrics in scores.items():
            self._console.print(f"  {task}: {_format_metrics(metrics)}")
            if metrics.rows >= _MIN_JUDGED_ROWS and metrics.accuracy < 1 / len(LABELS[task]):
                self._console.print(f"  worse than chance: is the map of the {task} labels right?")

    def result_scored(self, scores: Mapping[Task, Metrics]) -> None:
        """See `nlp.training.progress.ProgressListener`."""
        self._append(event="result", scores=scores)
        self._console.print("the trained model scores on the same rows:")
        for task, metrics in scores.items():
            before = self._before.get(task)
            change = f"; before {before.accuracy:.3f}, {before.macro_f1:.3f}" if before else ""
            self._console.print(f"  {task}: {_format_metrics(metrics)}{change}")

    def epoch_finished(self, epoch: EpochResult) -> None:
        """See `nlp.training.progress.ProgressListener`."""
        self._append(event="epoch", **epoch._asdict())
        best = ", the best so far" if epoch.best else ""
        self._console.print(
            f"epoch {epoch.number}: loss {epoch.loss:.3f}, "
            f"macro F1 held out: {_format_scores(epoch.held_out)}{best}"
        )

    def _append(self, **fields: Any) -> None:
        with self._log.open("ab") as log:
            log.write(orjson.dumps({"time": time.time(), **fields}) + b"\n")


def build_recipe(base: Recipe, **options: object) -> Recipe:
    """Return ``base`` with the options that the command line gives; None is one not given.

    Raises:
        UsageError: a number is out of bounds.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Recipe.model_validate({**base.model_dump(include=base.model_fields_set), **given})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UsageError(f"--{first['loc'][0]}: {first['msg']}") from None


def run(job: Job) -> None:
    """Train a model and write it to ``job.out``.

    Raises:
        UsageError: no file is given, or an unfinished run has other options.
        BadRows: a file can't be used, or has too few rows.
        ModelMissing: the model to start from is damaged, or the recipe does not fit it.
    """
    if not job.files:
        raise UsageError("nothing to learn from: give --sentiment FILE, --topics FILE, or both")
    init = start_folder(job)
    with ExitStack() as stack:
        process = stack.enter_context(process_group())
        console = Console(stderr=True, soft_wrap=True, highlight=False, quiet=not process.is_leader)
        rows = read_rows(job.files, job.meanings, report_labels if process.is_leader else None)
        for line in _about_missing_rows(job.files, init):
            console.print(line)
        job.out.mkdir(parents=True, exist_ok=True)
        view = TrainingView(job.out / TRAINING_LOG, console) if process.is_leader else None
        if view:
            stack.enter_context(view)
        training = TrainingJob(
            recipe=job.recipe,
            out=job.out,
            init=init,
            device=job.device,
            listener=view,
            process=process,
        )
        try:
            manifest = fit(rows, training)
        except RecipeMismatch as error:
            raise UsageError(str(error)) from None
    scores = _format_scores(manifest.held_out)
    console.print(f"wrote {job.out}; macro F1 on held-out rows: {scores}")
    console.print(
        f"next: newsquake evaluate {job.out} FILE, newsquake predict --model {job.out} TEXT"
    )


def start_folder(job: Job) -> Path | None:
    """Return the folder of the model to start from, or None for the plain encoder.

    Raises:
        ModelMissing: there is no such model, or it is damaged.
    """
    is_other = job.recipe.method == "lora" or job.recipe.encoder != DEFAULT_ENCODER
    if job.init == ENCODER or (not job.init and is_other):
        return None
    folder = saved_folder(job.init or "shipped")
    check(folder)
    return folder


def _about_missing_rows(files: Mapping[Task, Path], init: Path | None) -> Iterator[str]:
    """Yield a line for the plain encoder, and one for each task without rows."""
    if init is None:
        yield "starts from the plain encoder, which has learnt no labels"
    learnt = trained_tasks(init) if init else ()
    for task in TASKS:
        if task in files:
            continue
        if task in learnt:
            yield f"without rows of {task}, nobody sees whether {task}s get worse than at the start"
        else:
            yield f"without rows of {task}, the model will give no {task}s"


def _format_scores(scores: Mapping[str, float]) -> str:
    return ", ".join(f"{task} {score:.3f}" for task, score in scores.items())


def _format_metrics(metrics: Metrics) -> str:
    figures = f"accuracy {metrics.accuracy:.3f}, macro F1 {metrics.macro_f1:.3f}"
    return f"{figures} ({metrics.rows:,} rows)"
