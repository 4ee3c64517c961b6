"""The command line, ``newsquake``. Commands import what they need when they run: help is fast."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.backtest import app as backtest
from cli.models import app as models
from cli.root_command import Root

app = typer.Typer(
    cls=Root,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A seismograph for financial news: alerts when negative news surges.",
)
kafka = typer.Typer(no_args_is_help=True, help="Kafka on a machine without Java or Docker.")
topics = typer.Typer(no_args_is_help=True, help="The topics of the pipeline.")
config_app = typer.Typer(no_args_is_help=True, help="Settings: where they come from.")
app.add_typer(kafka, name="kafka")
app.add_typer(topics, name="topics")
app.add_typer(config_app, name="config")
app.add_typer(models)
app.add_typer(backtest)

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON.")]


@app.callback()
def root(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="Settings, a TOML file.")] = None,
) -> None:
    """A seismograph for financial news: alerts when negative news surges."""
    context.obj = config


@kafka.command()
def up(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes a free one.")] = 9092,
    brokers: Annotated[int, typer.Option(min=1, max=9)] = 1,
    data: Annotated[Path | None, typer.Option(help="Kept; without it nothing is.")] = None,
) -> None:
    """Run Apache Kafka until Ctrl-C; prints ``ready HOST:PORT``."""
    from cli.broker import run  # noqa: PLC0415

    run(port, brokers, data)


@topics.command()
def create(context: typer.Context) -> None:
    """Make the topics that are missing."""
    from cli.command_setup import settings  # noqa: PLC0415
    from cli.topics import create_all  # noqa: PLC0415

    create_all(settings(context))


@topics.command("list")
def list_(context: typer.Context) -> None:
    """Show the topics there are, with their partitions and records."""
    from cli.command_setup import settings  # noqa: PLC0415
    from cli.topics import list_all  # noqa: PLC0415

    list_all(settings(context))


@app.command()
def worker(
    context: typer.Context,
    agents: Annotated[
        str | None, typer.Option(help="Separated by commas; without it, those of worker.agents.")
    ] = None,
) -> None:
    """Run agents of the pipeline until SIGTERM or Ctrl-C."""
    from cli.command_setup import settings  # noqa: PLC0415
    from cli.worker import run, with_agents  # noqa: PLC0415

    run(with_agents(settings(context), agents))


@app.command()
def publish(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="- is standard input.")],
    mapping: Annotated[str, typer.Option("--map", help="field=column,…")] = "",
    form: Annotated[Literal["auto", "jsonl", "csv"], typer.Option("--format")] = "auto",
    limit: Annotated[int | None, typer.Option(min=0, help="Rows to publish at most.")] = None,
    rate: Annotated[float | None, typer.Option(min=0.001, help="Rows a second.")] = None,
) -> None:
    """Send the rows of JSONL or CSV files, gzip or not, to the pipeline."""
    from cli.command_setup import settings  # noqa: PLC0415
    from cli.publish import Job, run  # noqa: PLC0415

    run(settings(context).kafka, Job(files, mapping, form, limit, rate))


@app.command()
def watch(
    context: typer.Context,
    what: Annotated[Literal["alerts", "scored", "signals", "dead"], typer.Argument()],
    as_json: Json = False,
    from_beginning: Annotated[bool, typer.Option("--from-beginning")] = False,
    until_idle: Annotated[
        float | None, typer.Option(min=0.1, help="End after so many seconds without a record.")
    ] = None,
) -> None:
    """Print what is committed to a topic, as it comes."""
    from cli.command_setup import settings  # noqa: PLC0415
    from cli.watch import Watch, run  # noqa: PLC0415

    run(settings(context).kafka, Watch(what, as_json, from_beginning, until_idle))


@config_app.command("show")
def show(context: typer.Context, as_json: Json = False) -> None:
    """Print every setting, secrets masked, and where it comes from."""
    from cli.command_setup import settings  # noqa: PLC0415
    from cli.config import print_all  # noqa: PLC0415

    print_all(settings(context), as_json=as_json)


@app.command()
def demo(
    chaos: Annotated[bool, typer.Option("--chaos", help="Kill workers meanwhile.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the data afterwards.")] = False,
) -> None:
    """See the whole pipeline at work on invented news."""
    from demo.run import demo as play  # noqa: PLC0415

    raise typer.Exit(play(chaos=chaos, keep=keep))
