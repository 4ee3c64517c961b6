"""What every Kafka client of this process is told about the cluster."""

import ssl
from typing import Any

from streams.kafka.cluster import Cluster


def client_options(cluster: Cluster) -> dict[str, Any]:
    """Keyword arguments that aiokafka's producer, consumer and admin client share."""
    return {
        "bootstrap_servers": cluster.bootstrap.split(","),
        "security_protocol": cluster.security,
        "ssl_context": tls(cluster),
        **_credentials(cluster),
    }


def tls(cluster: Cluster) -> ssl.SSLContext | None:
    """The TLS context, trusting ``ca_file`` or else the system's authorities."""
    if not cluster.security.endswith("SSL"):
        return None
    return ssl.create_default_context(cafile=cluster.ca_file or None)


def _credentials(cluster: Cluster) -> dict[str, str]:
    if not cluster.security.startswith("SASL"):
        return {}
    return {
        "sasl_mechanism": cluster.sasl_mechanism,
        "sasl_plain_username": cluster.username,
        "sasl_plain_password": cluster.password.get_secret_value(),
    }
