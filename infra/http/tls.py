"""TLS of our own HTTP ports: one context for all of them, and who showed a certificate.

A certificate is asked for and not demanded. Probes of Kubernetes have none, and are answered by
status alone, as without a token. One that no authority in ``client_ca_file`` has signed ends the
connection.

Files that change are read again at the next connection, so certificates can be renewed under a
running process, as cert-manager does. Connections that are open go on.
"""

import ssl
import threading
import time
from pathlib import Path
from typing import Any, Final

import structlog

from infra.http.access import NO_CERTIFICATE, NOT_ALLOWED
from infra.settings.http_port import HttpPort
from streams.core.errors import Misconfigured

_log = structlog.get_logger(__name__)
_RETRY_SECONDS: Final = 1.0
"""Time until files that could not be used are read again: perhaps only one of a pair is there."""

_Stamp = tuple[tuple[int, int, int], ...]
"""Time of change, size and number of each file, by which a new one is known."""


def server_context(port: HttpPort, table: str) -> ssl.SSLContext | None:
    """Return the TLS context of a port, None without a certificate; it follows renewed files.

    ``table`` is the name of the port's table in the settings.

    Raises:
        Misconfigured: A file can't be used.
    """
    if not port.cert_file:
        return None
    files = RenewedFiles(port, table)
    context = files.context
    # Called for each connection, whether the peer names a server or not (RFC 6066).
    context.sni_callback = files.choose
    return context


class RenewedFiles:
    """The certificates of a port as its files have them now.

    Attributes:
        context: The latest context; connections that begin take it.
    """

    def __init__(self, port: HttpPort, table: str) -> None:
        """Read the files.

        Raises:
            Misconfigured: One can't be used.
        """
        self._port, self._table = port, table
        self._lock = threading.Lock()
        self._stamp = self._stamp_now()
        self._retry_at = 0.0
        self._problem = ""
        self.context = _read(port, table)

    def choose(self, connection: Any, _: str | None, __: ssl.SSLContext) -> None:
        """Give a connection that begins the latest certificates."""
        with self._lock:
            stamp = self._stamp_now()
            is_due = stamp != self._stamp or time.monotonic() >= self._retry_at > 0
            if is_due:
                self._renew(stamp)
            context = self.context
        connection.context = context

    def _renew(self, stamp: _Stamp) -> None:
        """Read the files again; go on with the old certificates if they can't be used."""
        self._stamp, self._retry_at = stamp, 0.0
        try:
            self.context = _read(self._port, self._table)
        except Misconfigured as error:
            self._retry_at = time.monotonic() + _RETRY_SECONDS
            if str(error) != self._problem:
                self._problem = str(error)
                _log.warning(
                    "renewed certificates can't be used: the old ones are shown",
                    port=self._table,
                    problem=self._problem,
                )
            return
        self._problem = ""
        _log.info("the certificates of a port were renewed", port=self._table)

    def _stamp_now(self) -> _Stamp:
        """Return what tells the files from those that were there before; links are followed."""
        port, stamp = self._port, []
        for name in filter(None, (port.cert_file, port.key_file, port.client_ca_file)):
            try:
                status = Path(name).stat()
            except OSError:
                stamp.append((0, 0, 0))
            else:
                stamp.append((status.st_mtime_ns, status.st_size, status.st_ino))
        return tuple(stamp)


def _read(port: HttpPort, table: str) -> ssl.SSLContext:
    """Return a context of the files as they are.

    Raises:
        Misconfigured: One can't be used.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    # A session that is taken up again would show neither a new certificate nor ask for one.
    context.num_tickets = 0
    context.options |= ssl.OP_NO_TICKET
    try:
        # Without a password OpenSSL would ask for one at the terminal.
        context.load_cert_chain(port.cert_file, port.key_file or None, password=lambda: "")
    except (OSError, ValueError) as error:
        raise Misconfigured(
            f"{table}.cert_file: {port.cert_file} can't be used with its key "
            f"{port.key_file or port.cert_file} ({error}): name the certificate and the key that "
            "belongs to it in PEM format; the key must have no password"
        ) from error
    if port.client_ca_file:
        try:
            context.load_verify_locations(port.client_ca_file)
        except OSError as error:
            raise Misconfigured(
                f"{table}.client_ca_file: {port.client_ca_file} can't be used ({error}): name a "
                "readable file of certificates in PEM format"
            ) from error
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def own_context(port: HttpPort) -> ssl.SSLContext | None:
    """Return the context with which a program of this machine asks the port, None without TLS.

    It trusts the port's own certificate and no other, whatever name that has.
    """
    if not port.cert_file:
        return None
    context = ssl.create_default_context(cafile=port.cert_file)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def shows_certificate(peer: Any) -> bool:
    """Return whether ``peer``, a TLS socket or None, showed a certificate; strangers' don't pass.

    >>> shows_certificate(None)
    False
    """
    return peer is not None and bool(peer.getpeercert())


def refusal(port: HttpPort, table: str) -> str:
    """Return what is said to who has neither the token nor a certificate of a closed port.

    >>> refusal(HttpPort(cert_file="a", client_ca_file="b"), "metrics")
    'no certificate was shown; show one that is signed as wanted by metrics.client_ca_file'
    """
    if port.token.get_secret_value():
        return f"{NOT_ALLOWED}{table}.token"
    return f"{NO_CERTIFICATE}{table}.client_ca_file"
