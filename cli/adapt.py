"""``newsquake adapt``."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

from cli.command_setup import quiet
from cli.train import LOG, Shown
from cli.train import recipe as from_nothing
from infra.usage_error import UsageError
from nlp.continual.registry import ModelRegistry
from nlp.settings import ModelSettings
from nlp.transformer.model_path import saved_folder

if TYPE_CHECKING:
    from infra.settings.model import Settings
    from nlp.continual.corrections import Correction
    from nlp.continual.promotion import Decision, Trial
    from nlp.continual.splits import Shares
    from nlp.tasks import Task
    from nlp.training.examples import Example
    from nlp.training.recipe import Recipe


class Job(NamedTuple):
    """What to learn from, what to judge by, and where the versions are.

    Without ``feedback`` the corrections come from Kafka; without ``init`` the current model is
    where learning starts. ``ratio`` old texts are replayed for each new one.
    """

    models: Path
    replay: Mapping["Task", Path]
    old: Mapping["Task", Path]
    feedback: Path | None = None
    init: str = ""
    ratio: float = 4.0
    held_out: float = 0.3
    device: str = "auto"
    threads: int = 0
    dry_run: bool = False


def run(settings: "Settings", job: Job, recipe: "Recipe") -> int:
    """Train a candidate, judge it and the current model, promote it if it is better; exit code.

    It is 0 when the candidate was promoted, or would have been in a dry run, else 1.

    Raises:
        UsageError: nothing is given to see by what gets worse.
        BadRows: the corrections, or a file of old rows, can't be used, or are too few.
        ModelMissing: the current model can't be used.
        Misconfigured: there is no broker, or no topic.
        OSError: the promotion can't be written.
    """
    _libraries(job.threads)
    shelf = ModelRegistry(job.models)
    current, init = _starts(shelf, job.init)
    dealt = _dealt(settings, job, recipe.seed)
    if shelf.current is None and not job.dry_run:
        current = shelf.put(current)
    with _draft(shelf, dry_run=job.dry_run) as draft:
        _learn(job, recipe, dealt, init, draft)
        trials = _trials(job, dealt, draft, current)
        decision = _decided(trials)
        if decision.promote and not job.dry_run:
            typer.echo(f"promoted {shelf.promote(draft)}: {decision.reasons[0]}")
        else:
            _say(decision, current)
    return 0 if decision.promote else 1


def recipe(**given: float | None) -> "Recipe":
    """How to go on learning; what is not given is as in `nlp.training.recipe.ADAPTING`.

    Raises:
        UsageError: a number is out of bounds.
    """
    from nlp.training.recipe import ADAPTING  # noqa: PLC0415

    gentle = ADAPTING.model_dump(include=ADAPTING.model_fields_set)
    return from_nothing(**{**gentle, **{name: it for name, it in given.items() if it is not None}})


def roll_back(models: Path) -> None:
    """Make the version current again that was so before.

    Raises:
        ModelMissing: there was none, or it is damaged.
    """
    typer.echo(f"{ModelRegistry(models).roll_back()} is current again")


def put(models: Path, model: str) -> None:
    """Put a copy of ``model`` among the versions, as the current one.

    Raises:
        ModelMissing: it is none that newsquake trained, or it is damaged.
        OSError: it can't be written.
    """
    typer.echo(f"{ModelRegistry(models).put(saved_folder(model))} is current")


def _starts(shelf: ModelRegistry, named: str) -> tuple[Path, Path]:
    from nlp.transformer.model_files import check  # noqa: PLC0415

    current = shelf.current
    init = saved_folder(named) if named else current or saved_folder("shipped")
    for folder in {init, current or init}:
        check(folder)
    return current or init, init


def _dealt(settings: "Settings", job: Job, seed: int) -> "Shares":
    from nlp.continual.corrections import labelled  # noqa: PLC0415
    from nlp.continual.splits import shares  # noqa: PLC0415

    if not job.old:
        raise UsageError(
            "nothing to see by what gets worse: give --old-sentiment, --old-topics or both"
        )
    replay, old = _examples(job.replay), _examples(job.old)
    found = asyncio.run(_corrections(settings, job.feedback))
    dealt = shares(labelled(found), replay, old, held_out=job.held_out, ratio=job.ratio, seed=seed)
    _count(dealt, {"sentiment", "topic"} - set(job.old))
    return dealt


async def _corrections(settings: "Settings", file: Path | None) -> "list[Correction]":
    from cli.feedback import corrections, with_texts  # noqa: PLC0415
    from nlp.continual.corrections import last, read  # noqa: PLC0415

    quiet()
    found = last(read(file)) if file else await corrections(settings.kafka)
    known = await with_texts(settings.kafka, found)
    if missing := len(found) - len(known):
        typer.echo(f"left out {missing} corrections: their articles are not known", err=True)
    return known


def _examples(files: Mapping["Task", Path]) -> "list[Example]":
    from nlp.training.examples import examples  # noqa: PLC0415
    from nlp.training.run import rows  # noqa: PLC0415

    return examples(rows(files))


def _count(dealt: "Shares", unguarded: set[Any]) -> None:
    typer.echo(
        f"learning from {len(dealt.learn)} texts, chosen by {len(dealt.choose)}; "
        f"judged by {len(dealt.new)} corrections and {len(dealt.old)} old texts",
        err=True,
    )
    for task in sorted(unguarded):
        typer.echo(f"nobody looks whether {task} gets worse: no old rows were given", err=True)


@contextmanager
def _draft(shelf: ModelRegistry, *, dry_run: bool) -> Iterator[Path]:
    with TemporaryDirectory() as elsewhere:
        place = ModelRegistry(Path(elsewhere)) if dry_run else shelf
        with place.draft() as draft:
            yield draft


def _learn(job: Job, recipe: "Recipe", dealt: "Shares", init: Path, draft: Path) -> None:
    from nlp.continual.retrain import learn  # noqa: PLC0415

    shown = Shown(draft / LOG, Console(stderr=True))
    with shown.bar:
        learn(dealt, recipe, init, draft, device=job.device, progress=shown)


def _trials(job: Job, dealt: "Shares", draft: Path, current: Path) -> "list[Trial]":
    from nlp.continual.head_to_head import trials  # noqa: PLC0415
    from nlp.transformer.transformer import Transformer  # noqa: PLC0415

    settings = ModelSettings(device=job.device, threads=job.threads)
    return trials(Transformer(draft, settings), Transformer(current, settings), dealt)


def _decided(found: "list[Trial]") -> "Decision":
    from nlp.continual.promotion import decide  # noqa: PLC0415

    Console(width=100).print(_table(found))
    return decide(found)


def _table(found: "list[Trial]") -> Table:
    from nlp.continual.promotion import figures, told  # noqa: PLC0415

    table = Table("texts", "task", "rows", "figure", "current", "candidate", "difference (95 %)")
    for trial in found:
        for (name, difference), field in zip(figures(trial), ("accuracy", "macro_f1"), strict=True):
            before, after = getattr(trial.current, field), getattr(trial.candidate, field)
            cells = (name, f"{before:.3f}", f"{after:.3f}", told(difference))
            table.add_row(trial.which, trial.task, str(trial.candidate.rows), *cells)
    return table


def _say(decision: "Decision", current: Path) -> None:
    if decision.promote:
        typer.echo(f"would promote it: {decision.reasons[0]}")
        return
    for reason in decision.reasons:
        typer.echo(f"not promoted: {reason}", err=True)
    typer.echo(f"{current} stays current", err=True)


def _libraries(threads: int) -> None:
    from nlp.optional import require  # noqa: PLC0415

    for name in ("peft", "sklearn", "scipy"):
        require(name)
    if threads:
        require("torch").set_num_threads(threads)
