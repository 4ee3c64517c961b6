"""``newsquake dashboard``."""

from importlib.util import find_spec

from infra.settings.model import Settings
from infra.usage_error import UsageError


def run(settings: Settings, host: str | None, port: int | None) -> None:
    """Serve the dashboard, at ``host`` and ``port`` where they are given.

    Raises:
        UsageError: A package is not installed, or the address needs a token.
    """
    if find_spec("aiohttp") is None:
        raise UsageError("the dashboard needs aiohttp: install newsquake[dashboard]")
    from dashboard.run import run as serve

    given = {"host": host, "port": port}
    changes = {field: value for field, value in given.items() if value is not None}
    serve(settings.model_copy(update={"dashboard": settings.dashboard.model_copy(update=changes)}))
