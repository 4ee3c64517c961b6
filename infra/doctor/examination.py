"""What is examined, and what earlier checks learnt about it for later ones."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient

from agents.kafka_topics import required_topics
from agents.pipeline import AGENTS
from infra.settings.model import Settings
from schemas.channels import DEAD, STATE_POSITIONS
from streams.core.record import TopicPartition
from streams.kafka.connection import new_admin
from streams.positions.landmarks import Remembered

_MILLISECONDS = 1_000


class Role(NamedTuple):
    """An agent as Kafka sees it, with full names.

    Attributes:
        agent: The agent's name.
        group: Its consumer group.
        source: The topic that it reads.
        writes: The topics that it writes, its memory not among them.
        state: The changelog of its memory; None without one.
        positions: The topic of its position.
    """

    agent: str
    group: str
    source: str
    writes: frozenset[str]
    state: str | None
    positions: str


class PartitionState(NamedTuple):
    """The state of an agent in one partition of its source.

    Attributes:
        role: The agent.
        partition: The partition.
        committed: The committed offset of its group; 0 if there is none.
        remembered: Its own position record.
        written_at: The time of that record, as a Unix time; None if there is none.
        start: The offset of the first record in the log.
        end: The offset after the last.
    """

    role: Role
    partition: int
    committed: int
    remembered: Remembered
    written_at: float | None
    start: int
    end: int

    @property
    def source(self) -> TopicPartition:
        """The partition with its topic."""
        return TopicPartition(self.role.source, self.partition)

    @property
    def position(self) -> int:
        """The offset at which the agent would go on; 0 if it never began."""
        return max(self.committed, self.remembered.position)

    @property
    def next(self) -> int:
        """The offset of the next record that exists for the agent."""
        return max(self.position, self.start)


class Examination:
    """The settings that are examined and the connection to their cluster.

    Attributes:
        settings: All settings.
        seconds: The time limit of a check.
        topics: The metadata of each required topic that exists, by name; set by `topics`.
        topic_settings: The settings of each topic that tells them; set by `topic-settings`.
        broker_settings: The settings of the brokers, by node; set by `broker-settings`.
        clocks: The seconds by which each broker's clock is ahead of ours, by node; set by
            `transactions`, and by `brokers` for the controller's.
        places: The agents' positions; set by `positions`.
    """

    def __init__(self, settings: Settings, seconds: float) -> None:
        self.settings = settings
        self.cluster = settings.kafka
        self.seconds = seconds
        self.topics: dict[str, Mapping[str, Any]] = {}
        self.topic_settings: dict[str, Mapping[str, str]] = {}
        self.broker_settings: dict[int, Mapping[str, str]] = {}
        self.clocks: dict[int, float] = {}
        self.states: Sequence[PartitionState] = ()
        self.required = required_topics(settings.kafka, settings.score.window)
        self.roles = [_role(settings, name) for name in settings.worker.agents]
        self._admin: AIOKafkaAdminClient | None = None

    async def connect(self) -> None:
        """Connect to the cluster.

        Raises:
            KafkaError: No broker can be reached.
        """
        milliseconds = int(self.seconds * _MILLISECONDS)
        admin = new_admin(self.cluster, request_timeout_ms=milliseconds)
        self._admin = admin
        await admin.start()

    @property
    def admin(self) -> AIOKafkaAdminClient:
        """The connected client."""
        if self._admin is None:
            raise AssertionError("a check lacks the need of `connection`")
        return self._admin

    @property
    def client(self) -> Any:
        """The client below, for requests that the admin client does not know."""
        return self.admin._client  # noqa: SLF001 - there is no public way

    @property
    def brokers(self) -> Sequence[Any]:
        """The brokers that are alive, by node."""
        return sorted(self.client.cluster.brokers(), key=lambda broker: int(broker.nodeId))

    async def ask(self, request: object, node: int | None = None) -> Any:
        """Return the answer of the broker ``node``, or of any, to ``request``."""
        return await self.client.send(self.any_node if node is None else node, request)

    @property
    def any_node(self) -> int:
        """The number of a broker that is alive."""
        return int(self.brokers[0].nodeId)

    async def close(self) -> None:
        """Close the connection, if there is one."""
        if self._admin is not None:
            await self._admin.close()


def now() -> float:
    """Return this machine's clock, as a Unix time."""
    return time.time()


def _role(settings: Settings, name: str) -> Role:
    agent, topic = AGENTS[name], settings.kafka.topic
    return Role(
        agent=name,
        group=topic(f"newsquake-{name}"),
        source=topic(agent.source.topic),
        writes=frozenset(topic(channel.topic) for channel in (*agent.writes, DEAD)),
        state=topic(agent.state.topic) if agent.state else None,
        positions=topic(STATE_POSITIONS.topic),
    )
