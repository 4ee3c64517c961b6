"""The commands that make, judge and ask models."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from nlp.tasks import Task

app = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON.")]


@app.command()
def train(  # noqa: PLR0913, PLR0917 - one for each option
    out: Annotated[Path, typer.Option(help="The model's folder, made or gone on with.")],
    sentiment: Annotated[Path | None, typer.Option(help="text,label: CSV or JSONL.")] = None,
    topics: Annotated[Path | None, typer.Option(help="text,label: CSV or JSONL.")] = None,
    method: Annotated[Literal["lora", "full"] | None, typer.Option()] = None,
    init: Annotated[str, typer.Option(help="A trained model to start from.")] = "",
    epochs: Annotated[int | None, typer.Option()] = None,
    runs: Annotated[int | None, typer.Option(help="Of which the mean is taken.")] = None,
    batch: Annotated[int | None, typer.Option(help="Texts a step, on each device.")] = None,
    accumulate: Annotated[int | None, typer.Option(help="Batches a step.")] = None,
    rate: Annotated[float | None, typer.Option(help="Peak, of adapters and heads.")] = None,
    encoder_rate: Annotated[float | None, typer.Option(help="Peak, of a whole encoder.")] = None,
    delta_step: Annotated[float | None, typer.Option(help="Of stored changes; 0: exact.")] = None,
    rank: Annotated[int | None, typer.Option(help="Of the adapters.")] = None,
    patience: Annotated[int | None, typer.Option(help="Epochs without gain.")] = None,
    held_out: Annotated[float | None, typer.Option(help="Share of rows to choose by.")] = None,
    seed: Annotated[int | None, typer.Option()] = None,
    precision: Annotated[Literal["auto", "fp32", "bf16"] | None, typer.Option()] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, mps, cuda, cuda:N")] = "auto",
    threads: Annotated[int, typer.Option(min=0, help="Processor threads; 0: all.")] = 0,
) -> None:
    """Train a model on labelled texts; run again, it goes on where it was interrupted."""
    from cli.train import Job, recipe, run  # noqa: PLC0415

    given = {
        "method": method,
        "epochs": epochs,
        "runs": runs,
        "batch": batch,
        "accumulate": accumulate,
        "rate": rate,
        "encoder_rate": encoder_rate,
        "delta_step": delta_step,
        "rank": rank,
        "patience": patience,
        "held_out": held_out,
        "seed": seed,
        "precision": precision,
    }
    run(Job(_files(sentiment, topics), out, init, device, threads), recipe(**given))


@app.command()
def adapt(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    models: Annotated[Path, typer.Option(help="The folder of all versions; made if missing.")],
    feedback: Annotated[
        Path | None, typer.Option(help="Corrections, JSONL or CSV; else from news.feedback.")
    ] = None,
    init: Annotated[str, typer.Option(help="Where to start; else the current version.")] = "",
    replay_sentiment: Annotated[Path | None, typer.Option(help="Old rows to repeat.")] = None,
    replay_topics: Annotated[Path | None, typer.Option(help="Old rows to repeat.")] = None,
    replay: Annotated[float, typer.Option(min=0.0, help="Old texts for each new one.")] = 4.0,
    old_sentiment: Annotated[Path | None, typer.Option(help="Rows never learnt from.")] = None,
    old_topics: Annotated[Path | None, typer.Option(help="Rows never learnt from.")] = None,
    held_out: Annotated[
        float, typer.Option(min=0.05, max=0.9, help="Share of corrections to judge by.")
    ] = 0.3,
    epochs: Annotated[int | None, typer.Option()] = None,
    batch: Annotated[int | None, typer.Option(help="Texts a step.")] = None,
    rate: Annotated[float | None, typer.Option(help="Peak learning rate.")] = None,
    seed: Annotated[int | None, typer.Option()] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, mps, cuda, cuda:N")] = "auto",
    threads: Annotated[int, typer.Option(min=0, help="Processor threads; 0: all.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Judge, and promote nothing.")] = False,
    put: Annotated[str, typer.Option(help="Make this model current, as it is.")] = "",
    roll_back: Annotated[
        bool, typer.Option("--roll-back", help="Make the version before current again.")
    ] = False,
) -> None:
    """Learn from corrected labels; the better model becomes current, and no worse one does."""
    from cli import adapt as command  # noqa: PLC0415
    from cli.command_setup import settings  # noqa: PLC0415

    if put:
        return command.put(models, put)
    if roll_back:
        return command.roll_back(models)
    job = command.Job(
        models=models,
        replay=_files(replay_sentiment, replay_topics),
        old=_files(old_sentiment, old_topics),
        feedback=feedback,
        init=init,
        ratio=replay,
        held_out=held_out,
        device=device,
        threads=threads,
        dry_run=dry_run,
    )
    recipe = command.recipe(epochs=epochs, batch=batch, rate=rate, seed=seed)
    raise typer.Exit(command.run(settings(context), job, recipe))


@app.command()
def predict(
    context: typer.Context,
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT…]", help="Without: JSON lines from stdin.")
    ] = None,
    as_json: Json = False,
    explain: Annotated[bool, typer.Option("--explain", help="Which words made it so.")] = False,
    model: Annotated[str | None, typer.Option(help="As in the setting nlp.model.")] = None,
) -> None:
    r"""Say how texts sound and what they are about.

    Without TEXT they are lines of standard input, each {"text": …} or {"headline": …, "body": …}.

    With --json every one gets a line, in order:

    \b
    {"sentiment": {"negative": p, "neutral": p, "positive": p},
     "topics": {"earnings": p, …}, "model": "…",
     "subjects": ["company:AAPL", "topic:earnings"],
     "explanation": {"sentiment": [["slumps", 1.5], …], "topic": […],
                     "labels": {…}, "method": "…", "delta": {…}}}

    The last is there with --explain, for the likeliest sentiment and topic: what each word adds;
    delta is by how much the values miss their sum.

    A text that can't be predicted is told on stderr and has {"error": "…"} in its place; the
    others are answered all the same, and the exit code is 1.
    """
    from cli.command_setup import settings  # noqa: PLC0415
    from cli.predict import Job, run  # noqa: PLC0415

    chosen = settings(context)
    run(chosen.nlp, chosen.companies, Job(texts or [], as_json, explain, model))


@app.command()
def evaluate(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="As in the setting nlp.model.")],
    data: Annotated[
        list[Path] | None, typer.Argument(metavar="DATA…", help="text,label: CSV or JSONL.")
    ] = None,
    sentiment: Annotated[Path | None, typer.Option(help="DATA with sentiments.")] = None,
    topics: Annotated[Path | None, typer.Option(help="DATA with topics.")] = None,
    against: Annotated[list[str] | None, typer.Option(help="Another model; repeatable.")] = None,
    train: Annotated[
        list[Path] | None, typer.Option(help="Rows it was trained on, to score without their like.")
    ] = None,
    plots: Annotated[Path | None, typer.Option(help="A folder for PNG pictures.")] = None,
    as_json: Json = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 1,
) -> None:
    """Judge models on labelled texts: accuracy, F1, calibration, slices, differences."""
    from cli.command_setup import settings  # noqa: PLC0415
    from cli.evaluate import Job, run  # noqa: PLC0415

    named = [(path, task) for task, path in _files(sentiment, topics).items()]
    exams = [*named, *((path, None) for path in data or [])]
    job = Job([model, *(against or [])], exams, train or [], plots, as_json, seed)
    run(settings(context).nlp, job)


def _files(sentiment: Path | None, topics: Path | None) -> "dict[Task, Path]":
    files: dict[Task, Path | None] = {"sentiment": sentiment, "topic": topics}
    return {task: path for task, path in files.items() if path}
