"""The ``server.properties`` of a KRaft node, broker and controller in one, on loopback."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

HOST = "127.0.0.1"

_SESSION_MS = 3000
"""A killed broker may rejoin only after its former session has expired (Kafka's default: 9 s)."""

_HEARTBEAT_MS = 500

_WAITING_CONNECTIONS = 1000
"""Connections that wait while the broker starts (KIP-764); with Kafka's 50 some are dropped."""

_INTERNAL_PARTITIONS = 4
"""Partitions of each internal topic; Kafka's default of 50 is for clusters."""


class Node(NamedTuple):
    """One broker of the embedded cluster and its two ports."""

    id: int
    port: int
    controller_port: int

    @property
    def address(self) -> str:
        """The ``host:port`` for clients."""
        return f"{HOST}:{self.port}"


def server_properties(node: Node, nodes: Sequence[Node], log_dir: Path) -> dict[str, str]:
    """Return the settings of ``node`` in a cluster of ``nodes``.

    Topics have up to three replicas; with three, a write survives the loss of any one broker.
    Using an unknown topic does not create it: that would hide a misspelt name or a wrong number of
    partitions.
    """
    replicas = min(3, len(nodes))
    min_in_sync = max(1, replicas - 1)
    voters = ",".join(f"{voter.id}@{HOST}:{voter.controller_port}" for voter in nodes)
    return {
        "process.roles": "broker,controller",
        "node.id": str(node.id),
        "listeners": f"PLAINTEXT://{node.address},CONTROLLER://{HOST}:{node.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{node.address}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": voters,
        "offsets.topic.num.partitions": str(_INTERNAL_PARTITIONS),
        "offsets.topic.replication.factor": str(replicas),
        "transaction.state.log.num.partitions": str(_INTERNAL_PARTITIONS),
        "transaction.state.log.replication.factor": str(replicas),
        "transaction.state.log.min.isr": str(min_in_sync),
        "share.coordinator.state.topic.num.partitions": str(_INTERNAL_PARTITIONS),
        "share.coordinator.state.topic.replication.factor": str(replicas),
        "share.coordinator.state.topic.min.isr": str(min_in_sync),
        "log.dirs": str(log_dir),
        "default.replication.factor": str(replicas),
        "min.insync.replicas": str(min_in_sync),
        "auto.create.topics.enable": "false",
        "broker.session.timeout.ms": str(_SESSION_MS),
        "broker.heartbeat.interval.ms": str(_HEARTBEAT_MS),
        "group.initial.rebalance.delay.ms": "0",
        "num.network.threads": "2",
        "num.io.threads": "4",
        "socket.listen.backlog.size": str(_WAITING_CONNECTIONS),
        "log.cleaner.dedupe.buffer.size": str(16 << 20),
    }


def render(properties: dict[str, str]) -> str:
    """Return the text of a Java properties file, with backslashes escaped."""
    return "".join(f"{key}={value}\n".replace("\\", "\\\\") for key, value in properties.items())
