"""``newsquake config show``."""

import orjson
import typer

from infra.settings.model import Settings, show


def print_all(settings: Settings, *, as_json: bool) -> None:
    """Print a line for each setting, or one JSON list of all settings."""
    shown = show(settings)
    if as_json:
        typer.echo(orjson.dumps([setting._asdict() for setting in shown]).decode())
        return
    for name, value, origin in shown:
        typer.echo(f"{name} = {value}  ({origin})")
