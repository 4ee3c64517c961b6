"""The commands that show the pipeline in a terminal: status and top."""

from typing import Annotated

import typer

app = typer.Typer()


@app.command(epilog="Example: newsquake status --json")
def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Show what runs, what is behind, and which alerts are open, on one screen.

    An agent is behind by the records of its source that it has not handled. The exit code is 0 if
    Kafka answers; ask `newsquake health` whether a worker is well, and `newsquake doctor` why not.
    """
    from cli.command_setup import settings
    from cli.operate.status import run

    run(settings(context), as_json=as_json)


@app.command(epilog="Example: newsquake top --history 2d")
def top(
    context: typer.Context,
    history: Annotated[
        str, typer.Option(help="How far back to read: 2d, 12h; else dashboard.history.")
    ] = "",
) -> None:
    """Show subjects with their needles, open alerts and lag, live in this terminal.

    Press q or Ctrl-C to end it. It shows what `newsquake dashboard` shows in a browser.
    """
    from cli.command_setup import settings
    from cli.operate.top import run

    run(settings(context), history)
