"""The commands about dead letters, ``newsquake dlq``."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.dlq.arguments import (
    Agents,
    Filters,
    Ids,
    Json,
    Keys,
    Quarantine,
    Reasons,
    Since,
    Sources,
    Until,
)

app = typer.Typer(
    no_args_is_help=True,
    help="List, show, count, replay or purge what was set aside. docs/dead-letters.md has what to "
    "do for each reason.",
)

QUARANTINE_AFTER = 3
"""Replays after which a letter that failed again is left alone; equal to that of the agents' room,
which takes long to import."""


@app.command("list", epilog="Example: newsquake dlq list --reason invalid --since 2h")
def list_(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    reason: Reasons = None,
    agent: Agents = None,
    source: Sources = None,
    key: Keys = None,
    ids: Ids = None,
    since: Since = None,
    until: Until = None,
    state: Annotated[
        Literal["waiting", "replayed", "quarantined"] | None, typer.Option(help="Only these.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--max", min=1, help="At most so many.")] = None,
    quarantine_after: Quarantine = QUARANTINE_AFTER,
    as_json: Json = False,
) -> None:
    """Print a line for each dead letter: where it is, whether it waits, and why it failed."""
    import asyncio

    from cli.command_setup import settings
    from cli.dlq.looking import Look, print_list

    filters = Filters(reason, agent, source, key, ids, since, until)
    states = frozenset([state] if state else [])
    look = Look(filters, quarantine_after, as_json, states, limit)
    asyncio.run(print_list(settings(context), look))


@app.command(epilog="Example: newsquake dlq show 3@41 --file payload.json")
def show(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    letter: Annotated[str, typer.Argument(help="PARTITION@OFFSET, as the list has it.")],
    characters: Annotated[int, typer.Option(min=1, help="Longer texts are cut.")] = 4_000,
    raw: Annotated[
        bool, typer.Option("--raw", help="Do not mask secrets and personal data.")
    ] = False,
    file: Annotated[
        Path | None, typer.Option(help="Write the original bytes to this file, as they are.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print one dead letter with its headers; control characters are written as escapes."""
    import asyncio

    from cli.command_setup import settings
    from cli.dlq.looking import Show, print_letter

    request = Show(letter, characters, raw, as_json, file)
    asyncio.run(print_letter(settings(context), request))


@app.command(epilog="Example: newsquake dlq stats --since 7d --json")
def stats(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    reason: Reasons = None,
    agent: Agents = None,
    source: Sources = None,
    key: Keys = None,
    since: Since = None,
    until: Until = None,
    quarantine_after: Quarantine = QUARANTINE_AFTER,
    as_json: Json = False,
) -> None:
    """Count dead letters by agent, reason and state."""
    import asyncio

    from cli.command_setup import settings
    from cli.dlq.looking import Look, print_stats

    filters = Filters(reason, agent, source, key, None, since, until)
    asyncio.run(print_stats(settings(context), Look(filters, quarantine_after, as_json)))


@app.command(epilog="Example: newsquake dlq replay --reason model --since 2h --yes")
def replay(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    reason: Reasons = None,
    agent: Agents = None,
    source: Sources = None,
    key: Keys = None,
    ids: Ids = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int | None, typer.Option("--max", min=1, help="At most so many.")] = None,
    fix: Annotated[
        str, typer.Option(help="Change each value, in the language of jq: '.published = .date'.")
    ] = "",
    fix_file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The new value of one letter.")
    ] = None,
    quarantine_after: Quarantine = QUARANTINE_AFTER,
    yes: Annotated[bool, typer.Option("--yes", help="Do so; else only show what it is.")] = False,
    as_json: Json = False,
) -> None:
    """Send letters back to the agent that failed on them, each once.

    It wants a bound: --since, --max or --id. If it is interrupted, run it again.
    """
    from cli.command_setup import settings
    from cli.dlq.replaying import Order, run

    filters = Filters(reason, agent, source, key, ids, since, until)
    order = Order(filters, limit, quarantine_after, fix, fix_file, as_json)
    run(settings(context), order, is_confirmed=yes)


@app.command(epilog="Example: newsquake dlq purge --before 30d --yes")
def purge(
    context: typer.Context,
    before: Annotated[str, typer.Option(help="Set aside before then: 30d, or a date in UTC.")],
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Also what nobody has replayed.")
    ] = False,
    quarantine_after: Quarantine = QUARANTINE_AFTER,
    yes: Annotated[bool, typer.Option("--yes", help="Do so; else only show what it is.")] = False,
) -> None:
    """Delete old letters that were replayed.

    Kafka deletes from the beginning of a partition only: the first letter that waits keeps all
    after it, unless --waiting.
    """
    from cli.command_setup import settings
    from cli.dlq.purging import Order, run

    run(settings(context), Order(before, waiting, quarantine_after), is_confirmed=yes)
