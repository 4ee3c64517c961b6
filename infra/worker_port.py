"""The HTTP port of a worker process: ``/metrics``, ``/live`` and ``/ready``.

With a token, ``/metrics`` wants it; ``/live`` and ``/ready`` answer anybody by their status, so
that probes of Kubernetes need no secret, and say what is wrong only to who has the token.
"""

import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from socketserver import ThreadingMixIn
from typing import Any, Final, Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

import orjson
from prometheus_client import CollectorRegistry, make_wsgi_app

from infra.http.access import (
    NOT_ALLOWED,
    NOT_OURS,
    SECURITY_HEADERS,
    has_token,
    names_this_machine,
)
from infra.settings.metrics import Metrics
from streams.core.errors import Misconfigured

LIVE: Final = "/live"
READY: Final = "/ready"
METRICS: Final = "/metrics"
REQUEST_SECONDS: Final = 10.0
"""The time in which a request must have been sent."""
MAX_REQUESTS: Final = 32
"""Requests that are answered at a time; connections beyond are closed at once."""


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

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._slots = threading.BoundedSemaphore(MAX_REQUESTS)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, if one is left."""
        if self._slots.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and leave the thread to others."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, *_: Any) -> None:
        """Log nothing: a peer that goes away while it asks is no failure."""


class _Server6(_Server):
    """The same over IPv6."""

    address_family = socket.AF_INET6


class _SilentRequest(WSGIRequestHandler):
    """A request that is not logged, and that can't be sent for ever."""

    timeout = REQUEST_SECONDS

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
            application(settings, registry, health),
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


def application(
    settings: Metrics, registry: CollectorRegistry, health: Health
) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """Return the WSGI application of the port."""
    metrics = make_wsgi_app(registry)
    checks: dict[str, Callable[[], list[str]]] = {LIVE: health.live, READY: health.ready}
    is_closed = bool(settings.token.get_secret_value())

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start(status, [*headers, *SECURITY_HEADERS.items()], *more)

        def tell(status: str, words: str, *headers: tuple[str, str]) -> Iterable[bytes]:
            begin(status, [("Content-Type", "text/plain"), *headers])
            return [f"{words}\n".encode()]

        path, sent = environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION", "")
        is_known = has_token(sent.encode("latin-1").decode("utf-8", "replace"), settings.token)
        if not is_closed and not names_this_machine(environ.get("HTTP_HOST", "")):
            return tell("421 Misdirected Request", f"{NOT_OURS}metrics.token")
        if path == METRICS:
            if is_closed and not is_known:
                challenge = ("WWW-Authenticate", "Bearer")
                return tell("401 Unauthorized", f"{NOT_ALLOWED}metrics.token", challenge)
            answers: Iterable[bytes] = metrics(environ, begin)
            return answers
        if path not in checks:
            return tell("404 Not Found", f"{METRICS}, {LIVE} and {READY} are served")
        problems = checks[path]()
        begin(
            "503 Service Unavailable" if problems else "200 OK",
            [("Content-Type", "application/json")],
        )
        if is_closed and not is_known:
            return [b"{}\n"]
        return [orjson.dumps({"agents": list(health.agents), "problems": list(problems)}) + b"\n"]

    return answer
