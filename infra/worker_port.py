"""The HTTP port of a worker process: ``/metrics``, ``/live`` and ``/ready``."""

import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from socketserver import ThreadingMixIn
from typing import Any, Final, Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

import orjson
from prometheus_client import CollectorRegistry, make_wsgi_app

from infra.settings.metrics import Metrics
from streams.core.errors import Misconfigured

LIVE: Final = "/live"
READY: Final = "/ready"
METRICS: Final = "/metrics"


class Health(Protocol):
    """The health of a process, asked from any thread."""

    @property
    def agents(self) -> Sequence[str]:
        """The names of what the process runs."""

    def live(self) -> list[str]:
        """Return a sentence for each reason to start the process again."""

    def ready(self) -> list[str]:
        """Return a sentence for each reason why the process does not do its work now."""


class _Server(ThreadingMixIn, WSGIServer):
    """A server with a thread for each request, so that a slow answer delays no other."""

    daemon_threads = True


class _Server6(_Server):
    """The same over IPv6."""

    address_family = socket.AF_INET6


class _SilentRequest(WSGIRequestHandler):
    """A request that is not logged."""

    def log_message(self, *_: Any) -> None:
        """Log nothing: probes come every few seconds."""


def serve(settings: Metrics, registry: CollectorRegistry, health: Health) -> None:
    """Start to serve the port, in a thread that ends with the process.

    Raises:
        Misconfigured: The port is taken or may not be used.
    """
    try:
        server = make_server(
            settings.host,
            settings.port,
            _application(registry, health),
            _Server6 if ":" in settings.host else _Server,
            _SilentRequest,
        )
    except OSError as error:
        address = f"{settings.host}:{settings.port}"
        raise Misconfigured(
            f"metrics can't be served at {address} ({error.strerror or error}): choose another "
            "metrics.port; a worker takes one for each of its processes"
        ) from error
    threading.Thread(target=server.serve_forever, name="worker port", daemon=True).start()


def _application(
    registry: CollectorRegistry, health: Health
) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    metrics = make_wsgi_app(registry)
    checks: dict[str, Callable[[], list[str]]] = {LIVE: health.live, READY: health.ready}

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == METRICS:
            answers: Iterable[bytes] = metrics(environ, start)
            return answers
        if path not in checks:
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [f"{METRICS}, {LIVE} and {READY} are served\n".encode()]
        problems = checks[path]()
        start(
            "503 Service Unavailable" if problems else "200 OK",
            [("Content-Type", "application/json")],
        )
        return [orjson.dumps({"agents": list(health.agents), "problems": list(problems)}) + b"\n"]

    return answer
