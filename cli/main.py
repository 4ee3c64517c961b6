"""The command line, ``newsquake``.

Commands import what they need when they run, so that ``--help`` is fast.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.alerts.commands import app as alerts
from cli.command_setup import Root
from cli.dlq.commands import app as dlq
from cli.files import app as files
from cli.models.asking import app as asking
from cli.models.learning import app as learning
from cli.notify import app as notify
from cli.sources.commands import serve, source
from cli.state.commands import app as state
from cli.topics import app as topics

app = typer.Typer(
    cls=Root,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A seismograph for financial news: raises an alert when negative news surges.",
)
kafka = typer.Typer(no_args_is_help=True, help="Run Kafka on a machine without Java or Docker.")
config_app = typer.Typer(no_args_is_help=True, help="Show the settings and their origins.")
app.add_typer(kafka, name="kafka")
app.add_typer(topics, name="topics")
app.add_typer(notify, name="notify")
app.add_typer(dlq, name="dlq")
app.add_typer(state, name="state")
app.add_typer(config_app, name="config")
app.add_typer(learning)
app.add_typer(asking)
app.add_typer(files)
app.add_typer(alerts)
app.add_typer(source, name="source")
app.add_typer(serve, name="serve")

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.callback()
def root(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="A TOML file with settings.")] = None,
) -> None:
    """A seismograph for financial news: raises an alert when negative news surges."""
    context.obj = config


@kafka.command(epilog="Example: newsquake kafka up --port 9092 --data ./kafka-data")
def up(
    port: Annotated[
        int,
        typer.Option(min=0, max=65_535, help="Port of the first broker; 0 chooses a free port."),
    ] = 9092,
    brokers: Annotated[int, typer.Option(min=1, max=9, help="Number of brokers.")] = 1,
    data: Annotated[
        Path | None, typer.Option(help="Keep the data in this folder; by default it is deleted.")
    ] = None,
) -> None:
    """Run Apache Kafka until Ctrl-C; print ``ready HOST:PORT`` once it answers."""
    from infra.cache_dir import user_cache_dir
    from infra.kafka.foreground import up as run_kafka

    run_kafka(port, brokers, data, cache=user_cache_dir(os.environ))


@app.command(epilog="Example: newsquake worker --agents ingest,score")
def worker(
    context: typer.Context,
    agents: Annotated[
        str | None, typer.Option(help="Separated by commas; without it, those of worker.agents.")
    ] = None,
) -> None:
    """Run agents of the pipeline until SIGTERM or Ctrl-C."""
    from cli.command_setup import settings
    from cli.worker import run, with_agents

    run(with_agents(settings(context), agents))


@app.command(epilog="Example: newsquake health --ready")
def health(
    context: typer.Context,
    ready: Annotated[
        bool, typer.Option("--ready", help="Ask whether records are processed now.")
    ] = False,
    as_json: Json = False,
    agents: Annotated[
        str | None, typer.Option(help="Those of the worker, if it was given --agents.")
    ] = None,
) -> None:
    """Ask the worker on this machine whether it lives; exit with 0 or 1."""
    from cli.command_setup import settings
    from cli.operate.health import run
    from cli.worker import with_agents

    run(with_agents(settings(context), agents), ready=ready, as_json=as_json)


@app.command(epilog="Example: newsquake doctor --no-model --json")
def doctor(
    context: typer.Context,
    as_json: Json = False,
    model: Annotated[
        bool, typer.Option("--model/--no-model", help="Load the model too, which takes seconds.")
    ] = True,
    timeout: Annotated[
        float, typer.Option(min=1.0, max=600.0, help="Seconds for each check; some get a multiple.")
    ] = 10.0,
    agents: Annotated[
        str | None, typer.Option(help="Those of the worker, if it is given --agents.")
    ] = None,
) -> None:
    """Check the cluster and this machine, and say what to do; exit with 1 if there is a fault.

    Each line is ok, warning, fault or not checked. Only a fault makes the exit code 1.
    """
    from cli.command_setup import settings
    from cli.operate.doctor import run
    from cli.worker import with_agents

    chosen = with_agents(settings(context), agents)
    run(chosen, seconds=timeout, with_model=model, as_json=as_json)


@app.command(epilog="Example: newsquake acls worker --user newsquake")
def acls(
    context: typer.Context,
    role: Annotated[
        str,
        typer.Argument(
            help="worker, one of its agents, producer, source, reader, silencer, reviewer, "
            "trainer, operator, replayer, purger, archivist or restorer."
        ),
    ],
    user: Annotated[str, typer.Option(help="The name of the user; without it, the role's.")] = "",
    group: Annotated[str, typer.Option(help="The consumer group of a reader that has one.")] = "",
) -> None:
    """Print the commands that give a user of Kafka the rights of a role, and no others."""
    from cli.command_setup import settings
    from cli.operate.acls import run

    run(settings(context), role, user, group)


@app.command(epilog="Example: newsquake watch alerts --group desk --severity major")
def watch(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    what: Annotated[
        Literal["alerts", "scored", "signals", "dead", "silences"],
        typer.Argument(help="Alerts, scored articles, signals, dead letters, or silences."),
    ],
    as_json: Json = False,
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", help="Begin with the oldest record.")
    ] = False,
    until_idle: Annotated[
        float | None, typer.Option(min=0.1, help="End after so many seconds without a record.")
    ] = None,
    group: Annotated[
        str, typer.Option(help="Go on where this group stopped, and remember where it does.")
    ] = "",
    since: Annotated[
        str, typer.Option(help="Begin with what was written since: 2h, 2026-03-03T08:00.")
    ] = "",
    subject: Annotated[
        str, typer.Option(help="Alerts of a subject, or of a pattern: company:AC*.")
    ] = "",
    severity: Annotated[
        Literal["minor", "major", "critical"] | None,
        typer.Option(help="Alerts of this severity or worse."),
    ] = None,
) -> None:
    """Print the committed records of a topic as they come."""
    from agents.telling.alert_filter import AlertFilter
    from cli.command_setup import settings
    from cli.io.moments import moment
    from cli.watch import Watch, run

    begin = moment(since, "--since", datetime.now(UTC)) if since else None
    is_filtered = subject or severity
    wanted = AlertFilter(subject or "*", severity=severity or "minor") if is_filtered else None
    watched = Watch(what, as_json, from_beginning, until_idle, group, begin, wanted)
    run(settings(context).kafka, watched)


@app.command(epilog="Example: newsquake dashboard --port 8070")
def dashboard(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Without it, that of dashboard.host.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Without it, that of dashboard.port.")
    ] = None,
) -> None:
    """Show subjects, alerts and the pipeline in a browser until SIGTERM or Ctrl-C.

    /api/openapi.json describes the API. The token is the setting dashboard.token.
    """
    from cli.command_setup import settings
    from cli.operate.dashboard import run

    run(settings(context), host, port)


@config_app.command("show")
def show(context: typer.Context, as_json: Json = False) -> None:
    """Print every setting with its origin; secrets are masked."""
    import orjson

    from cli.command_setup import settings
    from infra.settings.model import show as list_settings

    shown = list_settings(settings(context))
    if as_json:
        typer.echo(orjson.dumps([setting._asdict() for setting in shown]).decode())
        return
    for name, value, origin in shown:
        typer.echo(f"{name} = {value}  ({origin})")


@app.command(epilog="Example: newsquake demo --chaos")
def demo(
    chaos: Annotated[bool, typer.Option("--chaos", help="Kill workers while it runs.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep Kafka's data and the logs.")] = False,
    dashboard: Annotated[
        bool, typer.Option("--dashboard", help="Show it in a browser, until Ctrl-C.")
    ] = False,
) -> None:
    """Run the whole pipeline on ten days of invented news, in about a minute."""
    from demo.run import demo as play

    raise typer.Exit(play(chaos=chaos, keep=keep, dashboard=dashboard))
