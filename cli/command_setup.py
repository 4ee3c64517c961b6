"""The first steps of most commands: load the settings and silence the Kafka client."""

import logging
import os
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from infra.settings.model import Settings


def settings(context: typer.Context) -> "Settings":
    """Load the settings from the file of ``--config``, if any, and from the environment.

    Raises:
        SettingsError: The settings can't be used.
    """
    from infra.settings.model import load  # noqa: PLC0415 - pydantic is slow to import

    config: Path | None = context.find_root().obj
    return load(config, os.environ)


def quiet() -> None:
    """Silence the Kafka client: a command itself says in one line what went wrong."""
    for name in ("aiokafka", "asyncio", "kafka"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
