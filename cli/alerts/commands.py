"""The commands about alerts: past ones, silences and acknowledgements."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup


class SubjectFirst(TyperGroup):
    """A group in which ``silence SUBJECT`` means ``silence set SUBJECT``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line as click does, with ``set`` put before anything else."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["set", *args]
        return super().parse_args(ctx, args)


app = typer.Typer()
alerts = typer.Typer(no_args_is_help=True, help="List past and open alerts, or show one.")
silences = typer.Typer(
    cls=SubjectFirst,
    no_args_is_help=True,
    help="Silence a subject for a time; its alerts are kept, and marked.",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Who = Annotated[str, typer.Option(help="Who says so; without it, the user of this machine.")]
Severity = Literal["minor", "major", "critical"]


@alerts.command("list", epilog="Example: newsquake alerts list --open --severity major")
def list_(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    subject: Annotated[str, typer.Option(help="A subject, or a pattern: company:AC*.")] = "*",
    kind: Annotated[
        Literal["company", "topic", "market"] | None, typer.Option(help="The kind of subject.")
    ] = None,
    severity: Annotated[Severity, typer.Option(help="This severity or worse.")] = "minor",
    since: Annotated[
        str, typer.Option(help="Open or ended since: 7d, 2026-03-03, 2026-03-03T08:00.")
    ] = "",
    until: Annotated[str, typer.Option(help="Began before: as --since.")] = "",
    is_open: Annotated[bool, typer.Option("--open", help="Only those not resolved.")] = False,
    as_json: Json = False,
) -> None:
    """List alerts, oldest first, by the times of their news."""
    from agents.telling.alert_filter import AlertFilter
    from cli.alerts.past_alerts import list_alerts
    from cli.command_setup import settings
    from cli.io.moments import moment

    now = datetime.now(UTC)
    wanted = AlertFilter(
        subject,
        kind or "",
        severity,
        moment(since, "--since", now) if since else None,
        moment(until, "--until", now) if until else None,
        is_open,
    )
    list_alerts(settings(context).kafka, wanted, as_json=as_json)


@alerts.command(epilog="Example: newsquake alerts show 3f2a9c --json")
def show(
    context: typer.Context,
    alert: Annotated[str, typer.Argument(help="Its id or the beginning of it, or the subject.")],
    as_json: Json = False,
) -> None:
    """Show an alert: evidence, headlines with probabilities, life-cycle, who said what."""
    from cli.alerts.past_alerts import show_alert
    from cli.command_setup import settings

    show_alert(settings(context).kafka, alert, as_json=as_json)


@silences.command("set", epilog='Example: newsquake silence company:ACME --for 24h --why "merger"')
def set_(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="A subject, or a pattern: company:AC*.")],
    length: Annotated[str, typer.Option("--for", help="How long: 90m, 24h, 7d.")],
    why: Annotated[str, typer.Option(help="Why, for the others.")],
    who: Who = "",
) -> None:
    """Silence a subject for a time, on all workers and pages at once."""
    from cli.alerts.silencing import Word, silence
    from cli.command_setup import settings

    silence(settings(context), subject, length, Word(who, why))


@silences.command("list", epilog="Example: newsquake silence list --all --json")
def list_silences_(
    context: typer.Context,
    with_ended: Annotated[bool, typer.Option("--all", help="Those that ended, too.")] = False,
    as_json: Json = False,
) -> None:
    """List silences and acknowledgements: who, when and why."""
    from cli.alerts.silencing import list_silences
    from cli.command_setup import settings

    list_silences(settings(context).kafka, with_ended=with_ended, as_json=as_json)


@silences.command("expire", epilog="Example: newsquake silence expire 197d36")
def expire_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="Its id, or the beginning of it.")],
    who: Who = "",
) -> None:
    """End a silence or an acknowledgement early; the record of it is kept."""
    from cli.alerts.silencing import expire
    from cli.command_setup import settings

    expire(settings(context).kafka, name, who)


@app.command("ack", epilog='Example: newsquake ack 3f2a9c --why "I call them"')
def ack_(
    context: typer.Context,
    alert: Annotated[str, typer.Argument(help="Its id or the beginning of it, or the subject.")],
    why: Annotated[str, typer.Option(help="Why, for the others.")] = "",
    who: Who = "",
) -> None:
    """Say that you take care of an open alert."""
    from cli.alerts.silencing import Word, ack
    from cli.command_setup import settings

    ack(settings(context), alert, Word(who, why))


app.add_typer(alerts, name="alerts")
app.add_typer(silences, name="silence")
