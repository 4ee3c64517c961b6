"""TLS of our own HTTP ports: one context for all of them, and who showed a certificate.

A certificate is asked for and not demanded. Probes of Kubernetes have none, and are answered by
status alone, as without a token. One that no authority in ``client_ca_file`` has signed ends the
connection.
"""

import ssl
from typing import Any

from infra.http.access import NO_CERTIFICATE, NOT_ALLOWED
from infra.settings.http_port import HttpPort
from streams.core.errors import Misconfigured


def server_context(port: HttpPort, table: str) -> ssl.SSLContext | None:
    """Return the TLS context of a port, None without a certificate.

    ``table`` is the name of the port's table in the settings.

    Raises:
        Misconfigured: A file can't be used.
    """
    if not port.cert_file:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
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
