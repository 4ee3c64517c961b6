"""The commands about the topics of the pipeline, ``newsquake topics``."""

from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    help="Create, list or grow the topics of the pipeline, or go past a record.",
)


@app.command(epilog="Example: newsquake topics create")
def create(context: typer.Context) -> None:
    """Create the topics that do not exist."""
    from cli.command_setup import settings
    from cli.operate.topics import create_all

    create_all(settings(context))


@app.command("list", epilog="Example: newsquake topics list")
def list_(context: typer.Context) -> None:
    """List the existing topics with their numbers of partitions and offsets."""
    from cli.command_setup import settings
    from cli.operate.topics import list_all

    list_all(settings(context))


@app.command(
    epilog='Example: newsquake topics skip news.raw 0 4711 --reason "damaged by a power cut" --yes'
)
def skip(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    topic: Annotated[str, typer.Argument(help="The topic, as the worker's line names it.")],
    partition: Annotated[int, typer.Argument(min=0, help="The partition.")],
    offset: Annotated[int, typer.Argument(min=0, help="The offset at which an agent stands.")],
    reason: Annotated[str, typer.Option(help="Why; the dead letter says so.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do so; else only show what it is.")] = False,
) -> None:
    """Go past a record, or a batch that can't be read, and leave a dead letter."""
    from cli.command_setup import settings
    from cli.operate.skip import Order, run

    run(settings(context), Order(topic, partition, offset, reason), is_confirmed=yes)


@app.command(epilog="Example: newsquake topics grow --partitions 8 --yes")
def grow(
    context: typer.Context,
    partitions: Annotated[
        int, typer.Option(min=1, max=10_000, help="The new number; Kafka can't make it smaller.")
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without this the plan is printed.")
    ] = False,
) -> None:
    """Add partitions, and move the agents' memory to those of its keys.

    It also sets right what other tools did to the topics. If it is interrupted, run it again.
    """
    from cli.command_setup import settings
    from cli.operate.grow import run

    run(settings(context), partitions, is_confirmed=yes)
