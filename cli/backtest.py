"""The command itself."""

from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer()


@app.command()
def backtest(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="- is standard input.")],
    mapping: Annotated[str, typer.Option("--map", help="field=column,…")] = "",
    form: Annotated[Literal["auto", "jsonl", "csv"], typer.Option("--format")] = "auto",
    events: Annotated[
        Path | None, typer.Option(help="What should be found: JSON, see docs/detection.md.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: each change of an alert, a line of JSON.")
    ] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw a subject's seismogram, a PNG.")] = None,
    volume: Annotated[
        bool, typer.Option("--volume", help="The rows are numbers: timestamp,value.")
    ] = False,
    subject: Annotated[str, typer.Option(help="Show and draw only this one.")] = "",
) -> None:
    """See what the detector makes of an archive of headlines, next to other detectors."""
    import os  # noqa: PLC0415

    from backtest.run import Job, run  # noqa: PLC0415
    from cli.command_setup import settings  # noqa: PLC0415

    job = Job(files, mapping, form, events, as_json, plot, volume, subject)
    run(settings(context), os.environ, job)
