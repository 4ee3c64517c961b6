"""The setup of all commands: the root command, the settings, and silence from the Kafka client."""

import logging
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, Exit, TyperException

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from infra.settings.model import Settings

CONFIG = "--config"


class Root(TyperGroup):
    """The group of all commands. They run inside `invoke`, so that all failures look alike."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line as click does, with ``--config FILE`` accepted anywhere."""
        return super().parse_args(ctx, with_config_first(args))

    def invoke(self, ctx: Any) -> Any:
        """Run the command as click does; what it logs goes to stderr, apart from what it prints.

        Raises:
            typer.Exit: The command failed, or the reader of its output went away.
            TyperException: The command line is wrong.
        """
        import structlog

        structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Flushing the buffered rest of the output must not fail when the process ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except (TyperException, Exit, Abort):
            raise
        except Exception as error:
            from cli.failures import explain, unexplained

            explained = explain(error) or unexplained(error)
            redact = redaction(ctx)
            for line in explained.lines:
                typer.echo(redact(f"newsquake: {line}"), err=True)
            raise typer.Exit(explained.code) from error


def with_config_first(args: Sequence[str]) -> list[str]:
    """Return ``args`` with --config and its file moved to the front; nothing moves after ``--``.

    >>> with_config_first(["watch", "--config", "my.toml", "alerts"])
    ['--config', 'my.toml', 'watch', 'alerts']
    """
    end = args.index("--") if "--" in args else len(args)
    config: list[str] = []
    others: list[str] = []
    remaining = iter(args[:end])
    for arg in remaining:
        if arg == CONFIG:
            config.append(arg)
            file = next(remaining, None)
            config += [] if file is None else [file]
        elif arg.startswith(CONFIG + "="):
            config.append(arg)
        else:
            others.append(arg)
    return [*config, *others, *args[end:]]


def settings(context: typer.Context) -> "Settings":
    """Load the settings from the file of ``--config``, if any, and from the environment.

    Raises:
        SettingsError: The settings can't be used.
    """
    from infra.cache_dir import user_cache_dir
    from infra.settings.model import load

    config: Path | None = context.find_root().obj
    loaded = load(config, os.environ)
    cache = loaded.nlp.cache or user_cache_dir(os.environ) / "models"
    nlp = loaded.nlp.model_copy(update={"cache": cache})
    return loaded.model_copy(update={"nlp": nlp})


def redaction(context: Any) -> "Callable[[str], str]":
    """Return what takes secrets and personal data out of a line; of bad settings only by shape."""
    from infra.privacy.redaction import Redaction, redaction_of
    from infra.settings.model import SettingsError

    try:
        return redaction_of(settings(context)).text
    except SettingsError:
        return Redaction(masks_personal=False).text


def quiet() -> None:
    """Silence the Kafka client: a command itself says in one line what went wrong."""
    for name in ("aiokafka", "asyncio", "kafka"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
