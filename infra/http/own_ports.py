"""Ask the ports of worker processes, as `newsquake health` and the dashboard do."""

import http.client
from typing import Final, NamedTuple

from infra.http.tls import own_context
from infra.settings.metrics import Metrics

_OWN_ADDRESSES: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is asked instead
"""The address at which a process that listens at all addresses is asked."""
_MAX_BYTES: Final = 4 << 20


class PortAnswer(NamedTuple):
    """The answer of a port.

    Attributes:
        status: Its status.
        body: Its first 4 MiB.
    """

    status: int
    body: bytes


def reachable_host(host: str) -> str:
    """Return the address at which a process that listens at ``host`` is asked.

    >>> reachable_host("0.0.0.0"), reachable_host("10.0.0.7")
    ('127.0.0.1', '10.0.0.7')
    """
    return _OWN_ADDRESSES.get(host, host)


def ask_port(address: str, path: str, metrics: Metrics, seconds: float) -> PortAnswer:
    """Return what the port ``address``, HOST:PORT, of a worker process answers.

    It is asked with the token of the settings, and over TLS if they name a certificate.

    Raises:
        CertificateUnreadable: The certificate of the settings can't be read.
        OSError: It does not answer in time, or not at all.
        http.client.HTTPException: It does not speak HTTP.
    """
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        context = own_context(metrics)
    except OSError as error:
        raise CertificateUnreadable(f"metrics.cert_file can't be read ({error})") from error
    connection = (
        http.client.HTTPSConnection(host, int(port), timeout=seconds, context=context)
        if context
        else http.client.HTTPConnection(host, int(port), timeout=seconds)
    )
    secret = metrics.token.get_secret_value()
    headers = {"Authorization": f"Bearer {secret}".encode()} if secret else {}
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return PortAnswer(response.status, response.read(_MAX_BYTES))
    finally:
        connection.close()


class CertificateUnreadable(Exception):
    """The certificate that a port shows can't be read here, so that it can't be known."""
