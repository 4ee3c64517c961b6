"""``newsquake adapt``: train a candidate on corrections, and promote it if it is better."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import typer
from rich.console import Console

from cli.command_setup import quiet
from cli.io.feedback import add_texts, latest_corrections
from cli.train import TRAINING_LOG, TrainingView
from cli.view.labels import report_labels
from cli.view.trials import trials_table
from infra.progress.meter import Meter
from infra.settings.model import Settings
from infra.usage_error import UsageError
from nlp.continual.corrections import (
    Correction,
    latest_per_article,
    read_corrections,
    to_examples,
)
from nlp.continual.head_to_head import compare_models, count_answers
from nlp.continual.promotion import decide
from nlp.continual.registry import ModelRegistry
from nlp.continual.retrain import retrain
from nlp.continual.splits import Splits, needed_corrections, present_corrections, split_texts
from nlp.rows.label_meanings import MeaningsByTask
from nlp.settings import ModelSettings
from nlp.tasks import LABELS, Task
from nlp.training.examples import merge_rows
from nlp.training.recipe import Recipe
from nlp.training.run import TrainingJob, read_rows
from nlp.transformer.model_files import check
from nlp.transformer.model_path import saved_folder
from nlp.transformer.transformer import Transformer


@dataclass(frozen=True, slots=True)
class Job:
    """Arguments of the command.

    Attributes:
        recipe: the hyper-parameters.
        models: folder of all versions.
        feedback: file of corrections; None reads them from Kafka.
        init: name or folder of the model to start from; empty for the current one.
        replay: old rows that are learnt again.
        replay_ratio: old texts to learn for each correction to learn.
        old: old rows that are never learnt, to see what gets worse.
        meanings: of labels in all these files whose names do not say it.
        held_out: share of the corrections to judge by.
        device: ``auto``, or a PyTorch device.
        threads: of the processor; 0 for all.
        dry_run: judge the candidate, but change nothing.
    """

    recipe: Recipe
    models: Path
    feedback: Path | None
    init: str
    replay: Mapping[Task, Path]
    replay_ratio: float
    old: Mapping[Task, Path]
    meanings: MeaningsByTask
    held_out: float
    device: str
    threads: int
    dry_run: bool


def run(settings: Settings, job: Job) -> int:
    """Train a candidate, compare it to the current model, and promote it if it is better.

    Returns:
        The exit code: 0 if the candidate was promoted, or would be without the dry run, else 1.

    Raises:
        UsageError: no old rows are given to see what gets worse.
        BadRows: the corrections, or a file of old rows, can't be used, or are too few.
        ModelMissing: the current model can't be used.
        Misconfigured: there is no broker, or no topic.
        OSError: the promotion can't be written.
    """
    registry = ModelRegistry(job.models)
    current = registry.current
    init = saved_folder(job.init) if job.init else current or saved_folder("shipped")
    for folder in {init, current or init}:
        check(folder)
    splits = _load_splits(settings, job)
    if current is None:
        current = init if job.dry_run else registry.promote_copy(init)

    with _draft(registry, dry_run=job.dry_run) as draft:
        with TrainingView(draft / TRAINING_LOG, Console(stderr=True)) as view:
            retrain(
                splits,
                TrainingJob(
                    recipe=job.recipe, out=draft, init=init, device=job.device, listener=view
                ),
            )
        nlp = ModelSettings(device=job.device, threads=job.threads)
        with Meter() as meter:
            meter.begin("comparing both models", "answers", count_answers(splits))
            models = Transformer(draft, nlp), Transformer(current, nlp)
            trials = compare_models(*models, splits, meter.advance)
        Console(width=100).print(trials_table(trials))

        decision = decide(trials)
        if not decision.promote:
            for reason in decision.reasons:
                typer.echo(f"not promoted: {reason}", err=True)
            typer.echo(f"{current} stays current", err=True)
            return 1
        done = "would promote it" if job.dry_run else f"promoted {registry.promote(draft)}"
        typer.echo(f"{done}: {decision.reasons[0]}")
        return 0


def _load_splits(settings: Settings, job: Job) -> Splits:
    """Read all texts, divide them among training, validation and test, and report the numbers."""
    if not job.old:
        raise UsageError(
            "no rows to see what gets worse: give --old-sentiment, --old-topics, or both; adapt "
            f"also {needed_corrections(job.held_out)}"
        )
    typer.echo(f"adapt {needed_corrections(job.held_out)}", err=True)
    corrections = to_examples(asyncio.run(_load_corrections(settings, job)))
    typer.echo(f"it {present_corrections(corrections, job.held_out)}", err=True)
    replay = merge_rows(read_rows(job.replay, job.meanings, report_labels))
    old = merge_rows(read_rows(job.old, job.meanings, report_labels))
    splits = split_texts(
        corrections,
        replay,
        old,
        held_out=job.held_out,
        replay_ratio=job.replay_ratio,
        seed=job.recipe.seed,
    )
    typer.echo(
        f"learning from {len(splits.training)} texts, chosen by {len(splits.validation)}; "
        f"judged by {len(splits.new)} corrections and {len(splits.old)} old texts",
        err=True,
    )
    for task in sorted(LABELS.keys() - job.old.keys()):
        typer.echo(f"without old rows of {task}, nobody sees whether it gets worse", err=True)
    return splits


async def _load_corrections(settings: Settings, job: Job) -> list[Correction]:
    """Return the latest corrections, of a file or else of Kafka, whose texts are known."""
    quiet()
    if job.feedback:
        corrections = latest_per_article(read_corrections(job.feedback, job.meanings))
    else:
        corrections = await latest_corrections(settings.kafka)
    with_texts = await add_texts(settings.kafka, corrections)
    if missing := len(corrections) - len(with_texts):
        typer.echo(f"left out {missing} corrections: their articles are not known", err=True)
    return with_texts


@contextmanager
def _draft(registry: ModelRegistry, *, dry_run: bool) -> Iterator[Path]:
    """Make a folder for the candidate; that of a dry run is outside the registry."""
    with TemporaryDirectory() as temporary:
        target = ModelRegistry(Path(temporary)) if dry_run else registry
        with target.draft() as draft:
            yield draft
