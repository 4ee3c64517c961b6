"""``newsquake notify``: try the routes of alerts."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.settings.model import Settings

app = typer.Typer(no_args_is_help=True, help="Try the routes that alerts take to people.")


@app.callback()
def root() -> None:
    """Try the routes that alerts take to people."""


@app.command(epilog="Example: newsquake notify test desk")
def test(
    context: typer.Context,
    route: Annotated[str, typer.Argument(help="The name of a route in the settings.")],
) -> None:
    """Send an invented alert by a route, once, and say what came of it; exit with 0 or 1."""
    from cli.command_setup import settings

    run(settings(context), route)


def run(settings: "Settings", route: str) -> None:
    """Send the sample.

    Raises:
        UsageError: There is no such route.
        typer.Exit: The receiver did not take it.
    """
    import asyncio
    from datetime import UTC, datetime
    from importlib.metadata import version

    from agents.notifying.sample import sample_delivery
    from infra.notifying.courier import make_courier
    from infra.usage_error import UsageError

    if route not in settings.notify.routes:
        names = ", ".join(settings.notify.routes) or "none"
        raise UsageError(f"there is no route {route}; the settings have: {names}")
    courier = make_courier(settings.notify, version("newsquake"))
    outcome = asyncio.run(courier.deliver(sample_delivery(route, datetime.now(UTC))))
    if outcome.verdict == "delivered":
        typer.echo(f"{route}: delivered")
        return
    advice = "would be tried again" if outcome.verdict == "retry" else "would not be tried again"
    typer.echo(f"{route}: not delivered, {advice}: {outcome.problem}", err=True)
    raise typer.Exit(1)
