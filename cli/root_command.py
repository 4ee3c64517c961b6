"""The root command: takes --config anywhere, and turns known failures into a line and a code."""

import os
import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

CONFIG = "--config"


class Root(TyperGroup):
    """Every command runs inside `invoke`, so failures are told in one way."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """See click; ``--config FILE`` counts wherever it stands."""
        return super().parse_args(ctx, hoisted(args))

    def invoke(self, ctx: Any) -> Any:
        """See click."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _drop_stdout()
            raise typer.Exit(0) from None
        except Exception as error:
            raise typer.Exit(_told(error)) from error


def hoisted(args: Sequence[str]) -> list[str]:
    """``args`` with --config and its file first; what follows ``--`` is left alone.

    >>> hoisted(["watch", "--config", "my.toml", "alerts"])
    ['--config', 'my.toml', 'watch', 'alerts']
    """
    end = args.index("--") if "--" in args else len(args)
    first: list[str] = []
    rest: list[str] = []
    own = iter(args[:end])
    for arg in own:
        if arg == CONFIG:
            first += [arg, *_one(next(own, None))]
        else:
            (first if arg.startswith(CONFIG + "=") else rest).append(arg)
    return [*first, *rest, *args[end:]]


def _one(value: str | None) -> list[str]:
    return [] if value is None else [value]


def _told(error: Exception) -> int:
    from cli.failures import explain  # noqa: PLC0415 - only when there is something to explain

    explained = explain(error)
    if explained is None:
        raise error
    for line in explained.lines:
        typer.echo(f"newsquake: {line}", err=True)
    return explained.code


def _drop_stdout() -> None:
    """Nobody reads any more: what is still buffered must not fail when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
