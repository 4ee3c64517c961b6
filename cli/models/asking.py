"""The commands that ask models and evaluate their answers."""

from pathlib import Path
from typing import Annotated

import typer

from cli.models.options import Labels, TopicLabels, meanings, task_files

app = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command(epilog='Example: newsquake predict "ACME warns on profit" --explain')
def predict(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT…]", help="Without one: JSON lines from standard input."),
    ] = None,
    as_json: Json = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show which words decided.")] = False,
    label: Annotated[
        str, typer.Option(help="Explain this sentiment or topic instead of the likeliest.")
    ] = "",
    subject: Annotated[
        str, typer.Option(metavar="NAME", help="Ask about this company, named as in the texts.")
    ] = "",
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
     "severity": 2.1, "about": {"company:AAPL": {"negative": p, …, "severity": 1.3}, …},
     "explanation": {"sentiment": [["slumps", 1.5], …], "topic": […],
                     "labels": {…}, "method": "…", "delta": {…}}}

    severity is from 0, nothing bad, to 3, grave. about has what the text says about each company,
    if it names several, or about the --subject. Both are left out where the model can't say.

    --explain adds the explanation: what each word contributes to the likeliest sentiment and topic.
    --label negative explains that label instead: why it is negative, or why it is not.
    It explains the answers about companies, too.
    delta is how far the contributions are from adding up to the prediction.

    A text that can't be predicted is reported on standard error and has {"error": "…"} as its line.
    The other texts are predicted all the same, and the exit code is 1.
    """
    from cli.command_setup import settings
    from cli.predict import Job, run

    chosen = settings(context)
    run(chosen.nlp, chosen.companies, Job(texts or [], as_json, explain, label, model, subject))


@app.command(epilog="Example: newsquake evaluate shipped labelled.csv --against lexicon")
def evaluate(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="As in the setting nlp.model.")],
    data: Annotated[
        list[Path] | None,
        typer.Argument(metavar="DATA…", help="Rows of text,label: CSV or JSON lines."),
    ] = None,
    sentiment: Annotated[Path | None, typer.Option(help="Rows of sentiments, like DATA.")] = None,
    topics: Annotated[Path | None, typer.Option(help="Rows of topics, like DATA.")] = None,
    labels: Labels = "",
    topic_labels: TopicLabels = "",
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
    """Evaluate models on labelled texts: accuracy, F1, calibration, slices, differences.

    Columns event, source and companies of the rows become slices.
    """
    from cli.command_setup import settings
    from cli.evaluate import Job, run

    named = [(path, task) for task, path in task_files(sentiment, topics).items()]
    job = Job(
        models=[model, *(against or [])],
        data=[*named, *((path, None) for path in data or [])],
        meanings=meanings(labels, topic_labels),
        train=train or [],
        plots=plots,
        as_json=as_json,
        seed=seed,
    )
    run(settings(context).nlp, job)
