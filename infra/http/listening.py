"""Open the port of an application of aiohttp, by its settings."""

from aiohttp import web

from infra.http.tls import server_context
from infra.settings.http_port import HttpPort
from streams.core.errors import Misconfigured


async def listen(runner: web.AppRunner, port: HttpPort, table: str) -> str:
    """Open the port, and return its address as a URL.

    ``table`` is the name of the port's table in the settings.

    Raises:
        Misconfigured: The port is taken or may not be used, or a certificate can't be.
    """
    context = server_context(port, table)
    try:
        await web.TCPSite(runner, port.host, port.port, ssl_context=context).start()
    except OSError as error:
        raise Misconfigured(
            f"{port.host}:{port.port} can't be served ({error.strerror or error}): choose another "
            f"{table}.port"
        ) from error
    host, number = runner.addresses[0][:2]
    return f"{'https' if context else 'http'}://{f'[{host}]' if ':' in host else host}:{number}"
