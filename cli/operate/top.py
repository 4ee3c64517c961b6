"""``newsquake top``."""

import sys
from datetime import UTC, datetime

from cli.command_setup import quiet
from cli.io.moments import moment
from dashboard.terminal.live import show_live
from infra.settings.model import Settings
from infra.usage_error import UsageError


def run(settings: Settings, history: str) -> None:
    """Show the pipeline in this terminal until q or Ctrl-C.

    Raises:
        UsageError: There is no terminal, or the history is no duration.
        Misconfigured: There is no broker.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("top needs a terminal; `newsquake status --json` is for programs")
    now, chosen = datetime.now(UTC), settings.dashboard
    if history:
        length = now - moment(history, "--history", now)
        chosen = chosen.model_copy(update={"history": length})
    quiet()
    show_live(settings.model_copy(update={"dashboard": chosen}))
