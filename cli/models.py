"""The commands that train, adapt, evaluate and ask models."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from nlp.tasks import Task

app = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Device = Annotated[str, typer.Option(help="auto, cpu, mps, cuda, or cuda:N.")]
Threads = Annotated[int, typer.Option(min=0, help="Processor threads; 0: one per core.")]


@app.command()
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
    init: Annotated[str, typer.Option(help="A trained model to start from.")] = "",
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
        method=method,
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
    run(Job(recipe, _files(sentiment, topics), out, init, device))


@app.command()
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
    """Learn from corrected labels. The new model becomes current only if it is better."""
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
        replay=_files(replay_sentiment, replay_topics),
        replay_ratio=replay,
        old=_files(old_sentiment, old_topics),
        held_out=held_out,
        device=device,
        threads=threads,
        dry_run=dry_run,
    )
    raise typer.Exit(command.run(settings(context), job))


@app.command()
def predict(
    context: typer.Context,
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT…]", help="Without one: JSON lines from standard input."),
    ] = None,
    as_json: Json = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show which words decided.")] = False,
    model: Annotated[str | None, typer.Option(help="As in the setting nlp.model.")] = None,
) -> None:
    r"""Predict the sentiment and the topics of texts.

    Without TEXT, each line of standard input is {"text": …} or {"headline": …, "body": …},
    with "language" if it is known. model is the one that reads the language.

    With --json each text gets a line, in order:

    \b
    {"sentiment": {"negative": p, "neutral": p, "positive": p},
     "topics": {"earnings": p, …}, "subjects": ["company:AAPL", "topic:earnings"],
     "model": "…", "language": "en", "unread": false,
     "explanation": {"sentiment": [["slumps", 1.5], …], "topic": […],
                     "labels": {…}, "method": "…", "delta": {…}}}

    --explain adds the explanation: what each word contributes to the likeliest sentiment and topic.
    delta is how far the contributions are from adding up to the prediction.

    A text that can't be predicted is reported on standard error and has {"error": "…"} as its line.
    The other texts are predicted all the same, and the exit code is 1.
    """
    from cli.command_setup import settings
    from cli.predict import Job, run

    chosen = settings(context)
    run(chosen.nlp, chosen.companies, Job(texts or [], as_json, explain, model))


@app.command()
def evaluate(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="As in the setting nlp.model.")],
    data: Annotated[
        list[Path] | None,
        typer.Argument(metavar="DATA…", help="Rows of text,label: CSV or JSON lines."),
    ] = None,
    sentiment: Annotated[Path | None, typer.Option(help="Rows of sentiments, like DATA.")] = None,
    topics: Annotated[Path | None, typer.Option(help="Rows of topics, like DATA.")] = None,
    against: Annotated[
        list[str] | None, typer.Option(help="Another model to compare to; repeatable.")
    ] = None,
    train: Annotated[
        list[Path] | None,
        typer.Option(help="Rows the model was trained on; near duplicates are also left out."),
    ] = None,
    plots: Annotated[Path | None, typer.Option(help="A folder for plots, as PNG.")] = None,
    as_json: Json = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap.")] = 1,
) -> None:
    """Evaluate models on labelled texts: accuracy, F1, calibration, slices, differences."""
    from cli.command_setup import settings
    from cli.evaluate import Job, run

    named = [(path, task) for task, path in _files(sentiment, topics).items()]
    exams = [*named, *((path, None) for path in data or [])]
    job = Job([model, *(against or [])], exams, train or [], plots, as_json, seed)
    run(settings(context).nlp, job)


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


def _files(sentiment: Path | None, topics: Path | None) -> "dict[Task, Path]":
    """Return the file of each task that has one."""
    files: dict[Task, Path | None] = {"sentiment": sentiment, "topic": topics}
    return {task: path for task, path in files.items() if path}
