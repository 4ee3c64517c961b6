"""``newsquake train``."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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
from nlp.training.progress import Epoch
from nlp.transformer.model_path import saved_folder

if TYPE_CHECKING:
    from nlp.tasks import Task
    from nlp.training.recipe import Recipe
    from nlp.transformer.model_files import Manifest

LOG = "training.jsonl"
_LOGGED_EVERY = 20


class Job(NamedTuple):
    """What to train on, and where the model goes."""

    files: dict["Task", Path]
    out: Path
    init: str = ""
    device: str = "auto"
    threads: int = 0


class Shown:
    """A progress bar for people, and a log of JSON lines beside the model."""

    def __init__(self, log: Path, console: Console) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self.bar = Progress(*columns, console=console)
        self._console = console
        self._log = log
        self._task = self.bar.add_task("training", total=None)
        self._steps = 0

    def end(self) -> None:
        """Leave the bar as it is, if there is one."""
        if self.bar.live.is_started:
            self.bar.stop()

    def begin(self, steps: int, done: int) -> None:
        """See `nlp.training.progress.Progress`."""
        self.bar.start()
        self._steps = done
        self.bar.update(self._task, total=steps, completed=done)
        self._write(event="begin", steps=steps, done=done)

    def step(self, loss: float, rate: float) -> None:
        """See `nlp.training.progress.Progress`."""
        self._steps += 1
        self.bar.update(self._task, advance=1, description=f"loss {loss:.3f}")
        if self._steps % _LOGGED_EVERY == 0:
            self._write(event="step", step=self._steps, loss=round(loss, 5), rate=rate)

    def epoch(self, epoch: Epoch) -> None:
        """See `nlp.training.progress.Progress`."""
        self._write(event="epoch", **epoch._asdict())
        scores = ", ".join(f"{task} {score:.3f}" for task, score in epoch.held_out.items())
        best = ", the best so far" if epoch.best else ""
        self._console.print(
            f"epoch {epoch.number}: loss {epoch.loss:.3f}, macro F1 held out: {scores}{best}"
        )

    def _write(self, **fields: Any) -> None:
        with self._log.open("ab") as log:
            log.write(orjson.dumps({"time": time.time(), **fields}) + b"\n")


def recipe(**given: Any) -> "Recipe":
    """The recipe of the command line; what was not given is as in the shipped model.

    Raises:
        UsageError: a number is out of bounds.
    """
    from nlp.training.recipe import Recipe  # noqa: PLC0415

    try:
        return Recipe.model_validate({name: it for name, it in given.items() if it is not None})
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        raise UsageError(f"--{found['loc'][0]}: {found['msg']}") from None


def run(job: Job, asked: "Recipe") -> None:
    """Train, and write the model to ``job.out``."""
    _libraries(job.threads)
    from nlp.training.distributed import joined  # noqa: PLC0415
    from nlp.training.run import fit, rows  # noqa: PLC0415

    if not job.files:
        raise UsageError("nothing to learn from: give --sentiment FILE, --topics FILE, or both")
    init = _init(job.init) if job.init else None
    data = rows(job.files)
    job.out.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    with ExitStack() as stack:
        ranks = stack.enter_context(joined())
        shown = Shown(job.out / LOG, console) if ranks.leads else None
        if shown:
            stack.callback(shown.end)
        made = fit(data, asked, job.out, init=init, device=job.device, progress=shown, ranks=ranks)
    if shown:
        _say(console, job.out, made)


def _init(named: str) -> Path:
    from nlp.transformer.model_files import check  # noqa: PLC0415

    folder = saved_folder(named)
    check(folder)
    return folder


def _say(console: Console, out: Path, made: "Manifest") -> None:
    scores = ", ".join(f"{task} {score:.3f}" for task, score in made.held_out.items())
    console.print(f"wrote {out}; macro F1 on held-out rows: {scores}")
    console.print(f"next: newsquake evaluate {out} FILE, newsquake predict --model {out} TEXT")


def _libraries(threads: int) -> None:
    from nlp.optional import require  # noqa: PLC0415

    torch = require("torch")
    require("peft")
    if threads:
        torch.set_num_threads(threads)
