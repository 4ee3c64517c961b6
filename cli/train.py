"""``newsquake train``: train a model on files of labelled texts."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import orjson
from pydantic import ValidationError
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from infra.usage_error import UsageError
from nlp.tasks import Task
from nlp.training.distributed import process_group
from nlp.training.progress import EpochResult
from nlp.training.recipe import Recipe
from nlp.training.run import TrainingJob, fit, read_rows
from nlp.training.snapshot import RecipeMismatch
from nlp.transformer.model_files import check
from nlp.transformer.model_path import saved_folder

TRAINING_LOG: Final = "training.jsonl"
"""File in the model's folder with a JSON line for each report."""
_LOGGED_STEP_INTERVAL: Final = 20
"""Steps from one line of the log to the next."""


@dataclass(frozen=True, slots=True)
class Job:
    """Arguments of the command.

    Attributes:
        recipe: the hyper-parameters.
        files: labelled texts of each task.
        out: folder of the new model.
        init: name or folder of a model to start from; empty for the plain encoder.
        device: ``auto``, or a PyTorch device.
    """

    recipe: Recipe
    files: Mapping[Task, Path]
    out: Path
    init: str
    device: str


class TrainingView:
    """Shows a progress bar, and appends JSON lines to a log; see `ProgressListener`."""

    def __init__(self, log: Path, console: Console) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._console = console
        self._log = log
        self._task = self._bar.add_task("training", total=None)
        self._steps = 0

    def __enter__(self) -> Self:
        """Show nothing yet: the bar begins with the first report."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the bar, if it was shown."""
        if self._bar.live.is_started:
            self._bar.stop()

    def run_started(self, steps: int, done: int) -> None:
        """See `nlp.training.progress.ProgressListener`."""
        self._bar.start()
        self._steps = done
        self._bar.update(self._task, total=steps, completed=done)
        self._append(event="begin", steps=steps, done=done)

    def step_finished(self, loss: float, rate: float) -> None:
        """See `nlp.training.progress.ProgressListener`."""
        self._steps += 1
        self._bar.update(self._task, advance=1, description=f"loss {loss:.3f}")
        if self._steps % _LOGGED_STEP_INTERVAL == 0:
            self._append(event="step", step=self._steps, loss=round(loss, 5), rate=rate)

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
    init = saved_folder(job.init) if job.init else None
    if init:
        check(init)
    rows = read_rows(job.files)
    job.out.mkdir(parents=True, exist_ok=True)

    console = Console(stderr=True)
    with ExitStack() as stack:
        process = stack.enter_context(process_group())
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
    if view:
        scores = _format_scores(manifest.held_out)
        console.print(f"wrote {job.out}; macro F1 on held-out rows: {scores}")
        console.print(
            f"next: newsquake evaluate {job.out} FILE, newsquake predict --model {job.out} TEXT"
        )


def _format_scores(scores: Mapping[str, float]) -> str:
    return ", ".join(f"{task} {score:.3f}" for task, score in scores.items())
