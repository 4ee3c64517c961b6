"""The pipeline as operators see it: lag, workers and their partitions, asked of Kafka."""

import asyncio
import time
from collections import defaultdict
from typing import Any, Final, NamedTuple

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import (
    KafkaError,
    for_code,
)

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from agents.pipeline import AGENTS, USUAL
from dashboard.lag import RecordLag
from dashboard.problem import problem_of
from streams.core.errors import StreamError
from streams.kafka.connection import close_within, committed_reader, new_admin
from streams.kafka.topics import partition_counts
from streams.monitoring.diagnosis import errors_explained
from streams.positions.group_offsets import LOADING, group_offsets

ASK_SECONDS: Final = 2.0
"""Seconds between two questions."""
_ANSWER_SECONDS: Final = 10.0
_RETRY_SECONDS: Final = 0.5
_LOOK_SECONDS: Final = 20.0
"""Seconds between two looks for new partitions."""
_NEVER_RUN: Final = "Dead"
"""What Kafka says of a group that does not exist."""


class Member(NamedTuple):
    """One process of a worker, as a member of an agent's group.

    Attributes:
        name: Its id in the group.
        host: The address from which it is connected.
        partitions: Numbers of the partitions of the agent's source that it reads.
    """

    name: str
    host: str
    partitions: tuple[int, ...]


class AgentState(NamedTuple):
    """One agent.

    Attributes:
        agent: Its name.
        source: The topic that it reads, without the prefix.
        state: The state of its group, in Kafka's words, such as Stable or Empty.
        partitions: Number of partitions of its source.
        lag: Records of its source that it has not committed.
        members: The processes that run it.
    """

    agent: str
    source: str
    state: str
    partitions: int
    lag: int
    members: tuple[Member, ...]


class Operations:
    """Asks Kafka every two seconds.

    Attributes:
        agents: The latest answer; empty before the first.
        problem: Why there is no answer; empty if there is one.
    """

    def __init__(self, cluster: ClusterLayout) -> None:
        self.agents: tuple[AgentState, ...] = ()
        self.problem = ""
        self._cluster = cluster
        self._counts: dict[str, int] = {}
        self._counted_at = -_LOOK_SECONDS
        self._lag = RecordLag()

    async def watch(self) -> None:
        """Ask until cancelled; connect again after every failure."""
        while True:
            reader = committed_reader(self._cluster)
            admin = new_admin(self._cluster)
            try:
                async with errors_explained(self._cluster):
                    await reader.start()
                    await admin.start()
                    while True:
                        asking = self.answer(reader, admin, _ANSWER_SECONDS / 2)
                        self.agents = await asyncio.wait_for(asking, _ANSWER_SECONDS)
                        self.problem = ""
                        await asyncio.sleep(ASK_SECONDS)
            except (KafkaError, StreamError, OSError, TimeoutError) as error:
                self.problem = problem_of(error, self._cluster)
            finally:
                await close_within(reader.stop(), _ANSWER_SECONDS)
                await close_within(admin.close(), _ANSWER_SECONDS)
            await asyncio.sleep(ASK_SECONDS)

    async def answer(
        self, reader: Any, admin: AIOKafkaAdminClient, patience: float
    ) -> tuple[AgentState, ...]:
        """Ask, and again for ``patience`` seconds while the broker can't tell yet.

        That is a new cluster at its first question, or a broker that has just started.

        Raises:
            KafkaError: Kafka does not answer, or refuses.
        """
        deadline = time.monotonic() + patience
        while True:
            try:
                return await self.ask(reader, admin)
            except LOADING:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(_RETRY_SECONDS)

    async def ask(self, reader: Any, admin: AIOKafkaAdminClient) -> tuple[AgentState, ...]:
        """Return the state of each agent that runs, or usually does.

        Raises:
            KafkaError: Kafka does not answer, or refuses.
        """
        counts = await self._partition_counts()
        groups = {agent: self._cluster.topic(f"newsquake-{agent}") for agent in AGENTS}
        described = await describe_groups(admin, list(groups.values()))
        answers = []
        for agent, spec in AGENTS.items():
            source, group = self._cluster.topic(spec.source.topic), groups[agent]
            partitions = [KafkaPartition(source, number) for number in range(counts.get(source, 0))]
            ends = await reader.end_offsets(partitions) if partitions else {}
            committed = await group_offsets(admin, group)
            gaps = {
                partition: (
                    max(0, committed[partition].offset) if partition in committed else 0,
                    end,
                )
                for partition, end in ends.items()
            }
            lag = await self._lag.count(reader, group, gaps)
            state, members = described.get(group, (_NEVER_RUN, ()))
            if state == _NEVER_RUN and agent not in USUAL:
                continue
            of_source = tuple(
                Member(name, host, tuple(sorted(assigned.get(source, ()))))
                for name, host, assigned in members
            )
            answers.append(
                AgentState(agent, spec.source.topic, state, len(partitions), lag, of_source)
            )
        return tuple(answers)

    async def _partition_counts(self) -> dict[str, int]:
        """Return the number of partitions of each source, which may have grown."""
        if time.monotonic() - self._counted_at >= _LOOK_SECONDS:
            sources = {self._cluster.topic(agent.source.topic) for agent in AGENTS.values()}
            required = required_topics(self._cluster, NEWS)
            topics = [topic for topic in required if topic.name in sources]
            self._counts = await partition_counts(self._cluster, topics)
            self._counted_at = time.monotonic()
        return self._counts


async def ask_once(cluster: ClusterLayout) -> tuple[AgentState, ...]:
    """Return the state of each agent now.

    Raises:
        KafkaError: Kafka does not answer, or refuses.
    """
    reader = committed_reader(cluster)
    admin = new_admin(cluster)
    try:
        await reader.start()
        await admin.start()
        return await Operations(cluster).answer(reader, admin, _ANSWER_SECONDS)
    finally:
        await close_within(reader.stop(), _ANSWER_SECONDS)
        await close_within(admin.close(), _ANSWER_SECONDS)


Described = tuple[str, tuple[tuple[str, str, dict[str, list[int]]], ...]]
"""The state of a group, and of each member the id, the host and the assigned partitions."""


async def describe_groups(admin: AIOKafkaAdminClient, groups: list[str]) -> dict[str, Described]:
    """Return what Kafka says of consumer groups, by name.

    Raises:
        KafkaError: It says nothing of one; the error has the name.
    """
    described: dict[str, Described] = {}
    for name in groups:
        # aiokafka 0.14 reads version 3 of the answer as version 2: only its first group is right.
        (answer,) = await admin.describe_consumer_groups([name])
        code, _, state, _, _, members, *_ = answer.groups[0]
        if code:
            raise for_code(code)(name)
        described[name] = (state, tuple(_member(member) for member in members))
    return described


def _member(member: Any) -> tuple[str, str, dict[str, list[int]]]:
    # A later version of the answer has a field more before the last three.
    name, (host, _, assignment) = member[0], member[-3:]
    assigned: dict[str, list[int]] = defaultdict(list)
    if assignment:
        for topic, partitions in ConsumerProtocolMemberAssignment.decode(assignment).assignment:
            assigned[topic] += partitions
    return name, host.lstrip("/"), assigned
