"""The commands that read files of articles: check, publish and backtest."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.io import input_arguments as arguments

if TYPE_CHECKING:
    from infra.input.options import InputOptions
    from infra.input.verdicts import Judge
    from infra.settings.model import Settings

app = typer.Typer()


def judge_of(settings: "Settings", options: "InputOptions") -> "Judge":
    """Return the judge who decides as workers of these settings do.

    Raises:
        BadTable: The company list can't be used.
    """
    import time

    from infra.input.verdicts import Judge
    from nlp.companies.finder import CompanyFinder

    return Judge(options.door, CompanyFinder.load(settings.companies), time.time())


@app.command(epilog="Example: newsquake check archive.csv.gz --timezone America/New_York")
def check(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    files: arguments.Files,
    profile: arguments.ProfileName = "",
    mapping: arguments.Mapping = "",
    headers: arguments.Headers = None,
    form: arguments.Format = "auto",
    date_format: arguments.DateFormat = "",
    timezone: arguments.Timezone = "",
    encoding: arguments.Encoding = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each item as a line of JSON.")
    ] = False,
    only_summary: Annotated[
        bool, typer.Option("--summary", help="Print the summary only, and not each item.")
    ] = False,
) -> None:
    """Show how the pipeline would read each item of files, without Kafka.

    The forms are CSV, JSON lines, JSON documents, RSS and Atom, plain or gzip. Refused items are
    summed up by cause, with their lines. The exit code is 0 if all items can be read, 1 if some
    can't, and 2 if a file can't be opened or lacks a column.
    """
    from cli.check import Job, run
    from cli.command_setup import settings
    from infra.input.options import parse_options
    from infra.input.profile_folder import door_of

    chosen = settings(context)
    options = parse_options(
        mapping,
        form,
        date_format=date_format,
        timezone=timezone,
        encoding=encoding,
        headers=headers or (),
        profile=profile,
        door=door_of(chosen),
    )
    run(
        judge_of(chosen, options),
        Job(files, options, as_json, only_summary),
    )


@app.command(epilog="Example: newsquake publish archive.csv.gz --map headline=title,published=date")
def publish(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    files: arguments.Files,
    profile: arguments.ProfileName = "",
    mapping: arguments.Mapping = "",
    headers: arguments.Headers = None,
    form: arguments.Format = "auto",
    date_format: arguments.DateFormat = "",
    timezone: arguments.Timezone = "",
    encoding: arguments.Encoding = "",
    limit: Annotated[int | None, typer.Option(min=0, help="Publish at most so many rows.")] = None,
    rate: Annotated[
        float | None, typer.Option(min=0.001, help="Publish so many rows a second.")
    ] = None,
    send_refused: Annotated[
        bool,
        typer.Option("--send-refused", help="Send what the pipeline will set aside, too."),
    ] = False,
) -> None:
    """Publish the rows of files to the pipeline, and say what it will make of them.

    Files are read as ``newsquake check`` shows. Rows that the pipeline would refuse are reported
    and not sent, unless --send-refused is given. The exit code is 2 if no row can be used.
    """
    from cli.command_setup import settings
    from cli.publish import Job, run
    from infra.input.options import parse_options
    from infra.input.profile_folder import door_of

    chosen = settings(context)
    options = parse_options(
        mapping,
        form,
        date_format=date_format,
        timezone=timezone,
        encoding=encoding,
        headers=headers or (),
        profile=profile,
        door=door_of(chosen),
    )
    run(
        chosen,
        judge_of(chosen, options),
        Job(files, options, limit, rate, send_refused),
    )


@app.command(
    epilog="Example: newsquake backtest archive.csv.gz --map headline=title --plots pictures --svg"
)
def backtest(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    files: arguments.Files,
    profile: arguments.ProfileName = "",
    mapping: arguments.Mapping = "",
    headers: arguments.Headers = None,
    form: arguments.Format = "auto",
    date_format: arguments.DateFormat = "",
    timezone: arguments.Timezone = "",
    encoding: arguments.Encoding = "",
    events: Annotated[
        Path | None,
        typer.Option(help="Known events that should raise alerts: JSON, see docs/backtest.md."),
    ] = None,
    harmless: Annotated[
        Path | None,
        typer.Option(help="Times of harmless attention that should raise none: as --events."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each change of an alert as a line of JSON.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(help="Draw a subject's seismogram to this file, FILE.png or FILE.svg."),
    ] = None,
    plots: Annotated[
        Path | None, typer.Option(help="Draw each subject that alerts into this folder.")
    ] = None,
    svg: Annotated[bool, typer.Option("--svg", help="Draw SVG into that folder, not PNG.")] = False,
    volume: Annotated[
        bool, typer.Option("--volume", help="Read rows of numbers (timestamp,value), not news.")
    ] = False,
    subject: Annotated[str, typer.Option(help="Show and draw only this subject.")] = "",
) -> None:
    """Run the detector over an archive of headlines, and compare it with other detectors."""
    import os

    from backtest.job import Job
    from backtest.points import NUMBERS
    from backtest.run import run
    from cli.command_setup import settings
    from infra.input.columns.plan import ARTICLES
    from infra.input.options import parse_options
    from infra.input.profile_folder import door_of

    chosen = settings(context)
    options = parse_options(
        mapping,
        form,
        NUMBERS if volume else ARTICLES,
        date_format=date_format,
        timezone=timezone,
        encoding=encoding,
        headers=headers or (),
        profile=profile,
        door=door_of(chosen),
    )
    job = Job(files, options, events, harmless, as_json, plot, volume, subject, plots, svg)
    run(chosen, os.environ, job)


@app.command(epilog="Example: newsquake reference archive.csv.gz --out reference.json")
def reference(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    files: arguments.Files,
    profile: arguments.ProfileName = "",
    mapping: arguments.Mapping = "",
    form: arguments.Format = "auto",
    encoding: arguments.Encoding = "",
    out: Annotated[
        Path | None, typer.Option(help="Write a reference of these articles to this file.")
    ] = None,
    news: Annotated[str, typer.Option(help="A description of the articles, for --out.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Compare what the model says of articles with its reference, or write a new one.

    Workers measure drift against the reference: the file of nlp.reference, else the shipped one.
    It holds counts by sentiment, topic and confidence, and no text.
    """
    from cli.command_setup import settings
    from cli.models.reference import Job, run
    from infra.input.options import parse_options
    from infra.input.profile_folder import door_of

    chosen = settings(context)
    door = door_of(chosen)
    options = parse_options(mapping, form, encoding=encoding, profile=profile, door=door)
    run(chosen.nlp, judge_of(chosen, options), Job(files, options, out, news, as_json))
