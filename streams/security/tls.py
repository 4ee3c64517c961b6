"""The TLS context of every client: whom it trusts, and the certificate that it shows."""

import ssl

from streams.core.errors import Misconfigured
from streams.kafka.cluster import Cluster


def tls_context(cluster: Cluster) -> ssl.SSLContext | None:
    """Return the TLS context, None without TLS.

    It trusts ``ca_file`` or else the system's authorities, checks the broker's name, and shows the
    certificate in ``cert_file`` to a broker that asks for one (mutual TLS).

    Raises:
        Misconfigured: A file can't be used.
    """
    if not cluster.security.endswith("SSL"):
        return None
    try:
        context = ssl.create_default_context(cafile=cluster.ca_file or None)
    except OSError as error:  # ssl.SSLError is one
        raise Misconfigured(
            f"NEWSQUAKE_KAFKA__CA_FILE: {cluster.ca_file} can't be used ({error}): name a readable "
            "file of certificates in PEM format"
        ) from error
    if cluster.cert_file:
        _show_certificate(context, cluster)
    elif cluster.key_file:
        raise Misconfigured(
            "NEWSQUAKE_KAFKA__KEY_FILE is the key of a certificate: set NEWSQUAKE_KAFKA__CERT_FILE"
        )
    return context


def _show_certificate(context: ssl.SSLContext, cluster: Cluster) -> None:
    """Load the certificate and its key, which may be in one file."""
    try:
        context.load_cert_chain(
            cluster.cert_file,
            cluster.key_file or None,
            # Without a password OpenSSL would ask for one at the terminal.
            password=cluster.key_password.get_secret_value,
        )
    except (OSError, ValueError) as error:
        raise Misconfigured(
            f"NEWSQUAKE_KAFKA__CERT_FILE: {cluster.cert_file} can't be used with its key "
            f"{cluster.key_file or cluster.cert_file} ({error}): name the certificate and the key "
            "that belongs to it in PEM format, and the key's password in "
            "NEWSQUAKE_KAFKA__KEY_PASSWORD if it has one"
        ) from error
