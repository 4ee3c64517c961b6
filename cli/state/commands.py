"""The commands about backups, ``newsquake state``."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    help="Back up what agents remember and where they stand, and let them go on from it elsewhere.",
)

File = Annotated[Path, typer.Argument(dir_okay=False, help="The backup.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command(epilog="Example: newsquake state export monday.backup")
def export(context: typer.Context, file: File, as_json: Json = False) -> None:
    """Write a backup, while no worker runs.

    It has the memory of all agents, their positions, and the news that they have not handled yet.
    """
    from cli.command_setup import settings
    from cli.state.exporting import run

    run(settings(context), file, as_json=as_json)


@app.command("import", epilog="Example: newsquake state import monday.backup")
def import_(
    context: typer.Context,
    file: File,
    from_prefix: Annotated[
        str | None,
        typer.Option(help="The prefix that the backup is of, if the settings have another."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring a backup into topics that no agent has used; workers then go on from it.

    If it is interrupted, run it again.
    """
    from cli.command_setup import settings
    from cli.state.importing import run

    run(settings(context), file, from_prefix, as_json=as_json)


@app.command(epilog="Example: newsquake state verify monday.backup --json")
def verify(context: typer.Context, file: File, as_json: Json = False) -> None:
    """Check that a backup is whole and can be imported by this release, without a cluster."""
    from cli.command_setup import settings
    from cli.state.verifying import run

    run(settings(context), file, as_json=as_json)
