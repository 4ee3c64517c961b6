"""Command ``newsquake backtest``."""

from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer()


@app.command()
def backtest(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="Input files; - is standard input.")
    ],
    mapping: Annotated[
        str, typer.Option("--map", help="Columns of the input: field=column,…")
    ] = "",
    form: Annotated[
        Literal["auto", "jsonl", "csv"], typer.Option("--format", help="Format of the input.")
    ] = "auto",
    events: Annotated[
        Path | None,
        typer.Option(help="Known events that should raise alerts: JSON, see docs/backtest.md."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each change of an alert as a line of JSON.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(help="Draw a subject's seismogram to this PNG file.")
    ] = None,
    volume: Annotated[
        bool, typer.Option("--volume", help="Read rows of numbers (timestamp,value), not news.")
    ] = False,
    subject: Annotated[str, typer.Option(help="Show and draw only this subject.")] = "",
) -> None:
    """Run the detector over an archive of headlines, and compare it with other detectors."""
    import os

    from backtest.job import Job
    from backtest.run import run
    from cli.command_setup import settings

    job = Job(files, mapping, form, events, as_json, plot, volume, subject)
    run(settings(context), os.environ, job)
