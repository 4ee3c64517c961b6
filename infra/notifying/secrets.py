"""Secrets of routes, read from the files that Kubernetes and Docker mount."""

from pathlib import Path
from typing import Final

from pydantic import SecretStr

from agents.notifying.routes import AnyRoute, NotifySettings
from streams.core.errors import Misconfigured

_MAX_BYTES: Final = 8_192


def with_secrets(settings: NotifySettings) -> NotifySettings:
    """Return ``settings`` with what the files hold that they name.

    Raises:
        Misconfigured: A file can't be read or is empty; its content is not quoted.
    """
    routes = dict[str, AnyRoute]()
    for name, route in settings.routes.items():
        update: dict[str, SecretStr] = {}
        for field in ("url", "secret"):
            if (file := getattr(route, f"{field}_file", None)) is not None:
                update[field] = SecretStr(_read(f"notify.routes.{name}.{field}_file", file))
        address = update.get("url")
        if address and not address.get_secret_value().startswith(("http://", "https://")):
            raise Misconfigured(f"notify.routes.{name}.url_file: it must begin with https://")
        routes[name] = route.model_copy(update=update)
    return settings.model_copy(update={"routes": routes})


def _read(setting: str, file: Path) -> str:
    try:
        with file.open("rb") as stream:
            text = stream.read(_MAX_BYTES).decode().strip()
    except OSError as error:
        raise Misconfigured(f"{setting}: {file} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"{setting}: {file} is not UTF-8") from None
    if not text:
        raise Misconfigured(f"{setting}: {file} is empty")
    return text
