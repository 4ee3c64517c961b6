"""What ``server.properties`` says: a KRaft broker that is also a controller, on loopback."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

HOST = "127.0.0.1"

# A broker killed and started again may only join once its former session has run out (Kafka: 9 s).
_SESSION_MS = 3000
_HEARTBEAT_MS = 500
_INTERNAL_PARTITIONS = 4  # of each internal topic; Kafka's 50 are for clusters


class Node(NamedTuple):
    """One broker of the embedded cluster."""

    id: int
    port: int
    controller_port: int

    @property
    def address(self) -> str:
        """``host:port`` for clients."""
        return f"{HOST}:{self.port}"


def server_properties(node: Node, nodes: Sequence[Node], log_dir: Path) -> dict[str, str]:
    """The settings of ``node`` in a cluster of ``nodes``.

    Up to three replicas, and with three a write survives any one broker. A topic is not created
    by naming it: one made by a misspelt name, or with one partition too few, hides a defect.
    """
    replicas = min(3, len(nodes))
    quorum = max(1, replicas - 1)
    return {
        **_addresses(node, nodes),
        **_internal_topics(replicas, quorum),
        "log.dirs": str(log_dir),
        "default.replication.factor": str(replicas),
        "min.insync.replicas": str(quorum),
        "auto.create.topics.enable": "false",
        "broker.session.timeout.ms": str(_SESSION_MS),
        "broker.heartbeat.interval.ms": str(_HEARTBEAT_MS),
        "group.initial.rebalance.delay.ms": "0",
        "num.network.threads": "2",
        "num.io.threads": "4",
        "log.cleaner.dedupe.buffer.size": str(16 << 20),
    }


def render(properties: dict[str, str]) -> str:
    """The text of a Java properties file; a backslash in a path is an escape there."""
    return "".join(f"{key}={value}\n".replace("\\", "\\\\") for key, value in properties.items())


def _addresses(node: Node, nodes: Sequence[Node]) -> dict[str, str]:
    voters = ",".join(f"{it.id}@{HOST}:{it.controller_port}" for it in nodes)
    return {
        "process.roles": "broker,controller",
        "node.id": str(node.id),
        "listeners": f"PLAINTEXT://{node.address},CONTROLLER://{HOST}:{node.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{node.address}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": voters,
    }


def _internal_topics(replicas: int, quorum: int) -> dict[str, str]:
    partitions = str(_INTERNAL_PARTITIONS)
    return {
        "offsets.topic.num.partitions": partitions,
        "offsets.topic.replication.factor": str(replicas),
        "transaction.state.log.num.partitions": partitions,
        "transaction.state.log.replication.factor": str(replicas),
        "transaction.state.log.min.isr": str(quorum),
        "share.coordinator.state.topic.num.partitions": partitions,
        "share.coordinator.state.topic.replication.factor": str(replicas),
        "share.coordinator.state.topic.min.isr": str(quorum),
    }
