"""The commands that train and adapt models."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.models.options import Labels, TopicLabels, meanings, task_files

app = typer.Typer()

Device = Annotated[str, typer.Option(help="auto, cpu, mps, cuda, or cuda:N.")]
Threads = Annotated[int, typer.Option(min=0, help="Processor threads; 0: one per core.")]


@app.command(epilog="Example: newsquake train --sentiment rows.csv --out my-model")
def train(  # noqa: PLR0913, PLR0917 - one for each option
    out: Annotated[
        Path, typer.Option(help="Folder of the model. An interrupted run there is continued.")
    ],
    sentiment: Annotated[
        Path | None, typer.Option(help="Rows of text,label: CSV or JSON lines.")
    ] = None,
    topics: Annotated[
        Path | None, typer.Option(help="Rows of text,label: CSV or JSON lines.")
    ] = None,
    method: Annotated[
        Literal["lora", "full"] | None,
        typer.Option(help="lora trains adapters, full all but the embeddings."),
    ] = None,
    encoder: Annotated[
        Literal["minilm", "mpnet"] | None,
        typer.Option(help="minilm, that of the shipped model, or mpnet, the large one."),
    ] = None,
    layers: Annotated[
        int | None,
        typer.Option(help="Lowest layers of the encoder that are kept: fewer are faster."),
    ] = None,
    labels: Labels = "",
    topic_labels: TopicLabels = "",
    init: Annotated[
        str,
        typer.Option(
            help="Model to start from: a folder, shipped (the default), or encoder, which has "
            "learnt no labels (the default with lora and with mpnet)."
        ),
    ] = "",
    epochs: Annotated[int | None, typer.Option(help="Passes over the rows, at most.")] = None,
    runs: Annotated[
        int | None, typer.Option(help="Runs from the same start, whose weights are averaged.")
    ] = None,
    batch: Annotated[int | None, typer.Option(help="Texts in a batch, on each device.")] = None,
    accumulate: Annotated[int | None, typer.Option(help="Batches in a step.")] = None,
    rate: Annotated[
        float | None, typer.Option(help="Peak learning rate of adapters and heads.")
    ] = None,
    encoder_rate: Annotated[
        float | None, typer.Option(help="Peak learning rate of the encoder's top layer.")
    ] = None,
    delta_step: Annotated[
        float | None, typer.Option(help="Step in which the encoder's changes are stored; 0: exact.")
    ] = None,
    rank: Annotated[int | None, typer.Option(help="Rank of the adapters.")] = None,
    patience: Annotated[
        int | None, typer.Option(help="Epochs without improvement after which training stops.")
    ] = None,
    held_out: Annotated[
        float | None, typer.Option(help="Share of the texts to choose the best epoch by.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all random draws.")] = None,
    precision: Annotated[
        Literal["auto", "fp32", "bf16"] | None, typer.Option(help="Floating-point format.")
    ] = None,
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Train a model on labelled texts. Run again, it continues where it was interrupted."""
    _require_training_libraries(threads)
    from cli.train import Job, build_recipe, run
    from nlp.training.recipe import Recipe

    recipe = build_recipe(
        Recipe(),
        encoder=encoder,
        method=method,
        layers=layers,
        epochs=epochs,
        runs=runs,
        batch=batch,
        accumulate=accumulate,
        rate=rate,
        encoder_rate=encoder_rate,
        delta_step=delta_step,
        rank=rank,
        patience=patience,
        held_out=held_out,
        seed=seed,
        precision=precision,
    )
    files, label_meanings = task_files(sentiment, topics), meanings(labels, topic_labels)
    run(Job(recipe, files, label_meanings, out, init, device))


@app.command(
    epilog="Example: newsquake adapt --models versions --feedback corrections.csv "
    "--old-sentiment rows.csv"
)
def adapt(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    models: Annotated[
        Path, typer.Option(help="Folder of all versions of the model; made if missing.")
    ],
    feedback: Annotated[
        Path | None,
        typer.Option(help="Corrections, JSON lines or CSV; without it, those of news.feedback."),
    ] = None,
    init: Annotated[
        str, typer.Option(help="Model to start from; without it, the current version.")
    ] = "",
    replay_sentiment: Annotated[
        Path | None, typer.Option(help="Old rows to learn again, so that they are not forgotten.")
    ] = None,
    replay_topics: Annotated[Path | None, typer.Option(help="The same, of topics.")] = None,
    replay: Annotated[
        float, typer.Option(min=0.0, help="Old texts to learn for each new one.")
    ] = 4.0,
    old_sentiment: Annotated[
        Path | None, typer.Option(help="Old rows to judge by; never learnt from.")
    ] = None,
    old_topics: Annotated[Path | None, typer.Option(help="The same, of topics.")] = None,
    labels: Labels = "",
    topic_labels: TopicLabels = "",
    held_out: Annotated[
        float, typer.Option(min=0.05, max=0.9, help="Share of the corrections to judge by.")
    ] = 0.3,
    epochs: Annotated[int | None, typer.Option(help="Passes over the texts, at most.")] = None,
    batch: Annotated[int | None, typer.Option(help="Texts in a step.")] = None,
    rate: Annotated[
        float | None, typer.Option(help="Peak learning rate of adapters and heads.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all random draws.")] = None,
    device: Device = "auto",
    threads: Threads = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Judge the new model, but do not promote it.")
    ] = False,
    put: Annotated[
        str, typer.Option(help="Do not train: make a copy of this model the current version.")
    ] = "",
    roll_back: Annotated[
        bool, typer.Option("--roll-back", help="Make the version before the current one current.")
    ] = False,
) -> None:
    """Learn from corrected labels. The new model becomes current only if it is better.

    It needs 5 corrections to learn from and 5 to judge by: about 17 with --held-out 0.3.
    """
    if put or roll_back:
        return _set_current(models, put)
    _require_training_libraries(threads)
    from cli import adapt as command
    from cli.command_setup import settings
    from cli.train import build_recipe
    from nlp.training.recipe import ADAPTING

    job = command.Job(
        recipe=build_recipe(ADAPTING, epochs=epochs, batch=batch, rate=rate, seed=seed),
        models=models,
        feedback=feedback,
        init=init,
        replay=task_files(replay_sentiment, replay_topics),
        replay_ratio=replay,
        old=task_files(old_sentiment, old_topics),
        meanings=meanings(labels, topic_labels),
        held_out=held_out,
        device=device,
        threads=threads,
        dry_run=dry_run,
    )
    raise typer.Exit(command.run(settings(context), job))


def _require_training_libraries(threads: int) -> None:
    """Import what training needs, so that a missing library is reported before it begins."""
    from nlp.optional import require

    torch, *_ = [require(name) for name in ("torch", "peft", "sklearn", "scipy")]
    if threads:
        torch.set_num_threads(threads)


def _set_current(models: Path, model: str) -> None:
    """Make a copy of ``model`` the current version, or roll back if it is empty."""
    from nlp.continual.registry import ModelRegistry
    from nlp.transformer.model_path import saved_folder

    registry = ModelRegistry(models)
    if model:
        typer.echo(f"{registry.promote_copy(saved_folder(model))} is current")
    else:
        typer.echo(f"{registry.roll_back()} is current again")
