"""The command that changes settings of a topic, for messages to operators."""

from collections.abc import Mapping

from streams.kafka.cluster import Cluster


def alter_command(cluster: Cluster, topic: str, settings: Mapping[str, str]) -> str:
    """Return the command line that gives ``topic`` the ``settings``.

    >>> alter_command(Cluster(), "news.raw", {"cleanup.policy": "compact,delete"})
    "kafka-configs --bootstrap-server 127.0.0.1:9092 --alter --entity-type topics --entity-name \
news.raw --add-config 'cleanup.policy=[compact,delete]'"
    """
    pairs = (
        f"{name}=[{value}]" if "," in value else f"{name}={value}"
        for name, value in settings.items()
    )
    return (
        f"kafka-configs --bootstrap-server {cluster.bootstrap} --alter --entity-type topics "
        f"--entity-name {topic} --add-config '{','.join(pairs)}'"
    )
