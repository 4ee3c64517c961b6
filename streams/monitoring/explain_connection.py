"""Explain why a broker can't be connected to, or does not let the user in."""

import socket
import ssl
from collections.abc import Callable, Mapping
from typing import Final

from aiokafka import errors

from streams.kafka.cluster import Cluster
from streams.security.tokens import NoToken


def _login(cluster: Cluster, server: str) -> str:
    if cluster.uses_tokens:
        return (
            f"{server} refuses the token of {cluster.token_file or cluster.token_provider}: it has "
            "expired, or is not for this cluster; let its issuer give another one"
        )
    return (
        f"{server} refuses the user {cluster.username!r} or its password: set "
        "NEWSQUAKE_KAFKA__USERNAME and NEWSQUAKE_KAFKA__PASSWORD to a user that the broker knows "
        f"for {cluster.sasl_mechanism}"
        + (
            f"; `kafka-configs --describe --entity-type users --entity-name {cluster.username}` "
            "shows its credentials"
            if cluster.sasl_mechanism.startswith("SCRAM")
            else ""
        )
    )


def _token(_: Cluster, server: str) -> str:
    return (
        f"there is no token to log in at {server}: see that NEWSQUAKE_KAFKA__TOKEN_FILE names a "
        "readable file that holds one, or that the token provider reaches its issuer"
    )


def _certificate(cluster: Cluster, server: str) -> str:
    trusted = cluster.ca_file or "the system's authorities"
    return (
        f"the certificate of {server} can't be verified with {trusted}: set "
        "NEWSQUAKE_KAFKA__CA_FILE to a file with the authority that signed it, or renew it if it "
        "has expired"
    )


def other_host(cluster: Cluster, server: str) -> str:
    """Return the words for a certificate that has another name."""
    setting = (
        "NEWSQUAKE_KAFKA__BOOTSTRAP" if server in cluster.bootstrap else "advertised.listeners"
    )
    return (
        f"the certificate of {server} is for another host: name the broker in {setting} as the "
        "certificate does, or give it a certificate with that name (subjectAltName)"
    )


def _protocol(cluster: Cluster, server: str) -> str:
    return (
        f"{server} ended the connection: the broker is starting or stopping (its log says why, a "
        f"full disk for example), or that listener does not speak {cluster.security}; then set "
        "NEWSQUAKE_KAFKA__SECURITY to its protocol "
        "(PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL)" + _own_certificate(cluster)
    )


def _own_certificate(cluster: Cluster) -> str:
    """Return what to try if the broker may ask for a certificate, or refuse ours."""
    if not cluster.security.endswith("SSL"):
        return ""
    if not cluster.cert_file:
        return (
            "; if it asks for a certificate (ssl.client.auth), set NEWSQUAKE_KAFKA__CERT_FILE and "
            "NEWSQUAKE_KAFKA__KEY_FILE"
        )
    return (
        f"; or it does not trust the certificate in {cluster.cert_file}, your "
        "NEWSQUAKE_KAFKA__CERT_FILE: its authority must be in the broker's ssl.truststore, and it "
        "must not have expired"
    )


def _name(cluster: Cluster, server: str) -> str:
    if server in cluster.bootstrap:
        return f"the host of {server} does not resolve: correct NEWSQUAKE_KAFKA__BOOTSTRAP"
    return (
        f"the broker advertises {server}, and that host does not resolve here: correct the "
        "broker's advertised.listeners, or make the name known to this machine"
    )


def _away(cluster: Cluster, server: str) -> str:
    if server in cluster.bootstrap or "," in server:
        return (
            f"no Kafka at {server}: start it (`newsquake kafka up` runs one here) or set "
            "NEWSQUAKE_KAFKA__BOOTSTRAP to where it is; if it has ended, its log says why, a full "
            "disk for example"
        )
    return (
        f"the broker advertises {server}, and nothing answers there: start that broker, or correct "
        "its advertised.listeners"
    )


def _silent(_: Cluster, server: str) -> str:
    return (
        f"{server} does not answer, though it may be connected to: the broker hangs, or a "
        "firewall, proxy or balancer in between drops the traffic in silence"
    )


OTHER_HOST: Final = frozenset({62, 64})
"""OpenSSL's codes for a host name or an address that the certificate does not have."""
CONNECTING: Final[Mapping[type[BaseException], Callable[[Cluster, str], str]]] = {
    NoToken: _token,
    errors.AuthenticationFailedError: _login,
    errors.SaslAuthenticationFailed: _login,
    ssl.SSLCertVerificationError: _certificate,
    ssl.SSLError: _protocol,
    errors.IllegalSaslStateError: _protocol,
    errors.CorrelationIdError: _protocol,
    socket.gaierror: _name,
    ConnectionRefusedError: _away,
    TimeoutError: _silent,
    errors.RequestTimedOutError: _silent,
    ConnectionError: _protocol,
    errors.KafkaConnectionError: _protocol,
}
"""The first that fits counts, so that a class stands before its bases."""
