"""Secrets of routes, read from the files that Kubernetes and Docker mount."""

from pathlib import Path

from pydantic import SecretStr

from agents.notifying.routes import AnyRoute, NotifySettings
from infra.settings.secret_files import BadSecretFile, read_secret
from streams.core.errors import Misconfigured


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
        return read_secret(file)
    except BadSecretFile as error:
        raise Misconfigured(f"{setting}: {error}") from None
