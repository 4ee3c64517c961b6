"""The rights that each role needs on a cluster with an authorizer, and not one beside them.

docs/reading-topics.md and ``newsquake acls`` are made of this table. Kafka implies Describe by any
right to read or write, and the rights of an idempotent producer by any right to write.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

from agents.backup import IMPORT_GROUP, MEMORIES
from agents.pipeline import AGENTS, AgentSpec
from schemas.channels import (
    ALERTS,
    CHANNELS,
    DEAD,
    FEEDBACK,
    RAW,
    SCORED,
    SIGNALS,
    SILENCES,
    STATE_DETECT,
    STATE_POSITIONS,
    STATE_REPLAYS,
    STATE_SOURCES,
    Channel,
)
from streams.kafka.cluster import Cluster

Operation = Literal["Read", "Write", "Create", "Alter", "Delete", "Describe", "DescribeConfigs"]


class Right(NamedTuple):
    """One operation on one resource.

    Attributes:
        resource: The kind of the resource, as options of `kafka-acls` name it.
        name: The resource, without the prefix of the cluster.
        operation: The operation that is allowed.
        is_prefix: Whether all resources are meant whose name begins so.
    """

    resource: Literal["topic", "group", "transactional-id"]
    name: str
    operation: Operation
    is_prefix: bool = False


def agent_rights(name: str, agent: AgentSpec) -> Iterator[Right]:
    """Yield the rights of a worker that runs one agent."""
    read, written = [agent.source, STATE_POSITIONS], [*agent.writes, DEAD, STATE_POSITIONS]
    if agent.state:
        read.append(agent.state)
        written.append(agent.state)
    read += agent.tables
    yield from (Right("topic", channel.topic, "Read") for channel in read)
    yield from (Right("topic", channel.topic, "Write") for channel in written)
    names = sorted({channel.topic for channel in (*read, *written)})
    yield from (Right("topic", topic, "DescribeConfigs") for topic in names)
    group = f"newsquake-{name}"
    yield Right("group", group, "Read")
    # The ids of the partitions follow: group-topic-partition.
    yield Right("transactional-id", f"{group}-", "Write", is_prefix=True)


def _on(channels: Iterable[Channel], *operations: Operation) -> tuple[Right, ...]:
    return tuple(
        Right("topic", channel.topic, operation) for channel in channels for operation in operations
    )


def dashboard_rights() -> Iterator[Right]:
    """Yield the rights of the dashboard, which shows what comes out, and writes what people say."""
    read = [ALERTS, SCORED, SIGNALS, DEAD, SILENCES, RAW, STATE_REPLAYS]
    yield from _on(read, "Read")
    yield from _on([SILENCES], "Write")
    sources = dict.fromkeys(agent.source for agent in AGENTS.values())
    yield from _on([channel for channel in sources if channel not in read], "Describe")
    yield from (Right("group", f"newsquake-{name}", "Describe") for name in AGENTS)


def grower_rights() -> Iterator[Right]:
    """Yield the rights of who adds partitions, and moves to them what the old ones hold."""
    grown = [channel for channel in CHANNELS if not (channel.per_market or channel.single)]
    yield from _on(grown, "Alter")
    moved = [FEEDBACK, STATE_DETECT, STATE_POSITIONS]
    for name, agent in AGENTS.items():
        if agent.state and agent.is_edge:
            moved.append(agent.state)
        elif agent.state and not agent.state.per_market:
            moved += [agent.source, agent.state]
            yield Right("group", f"newsquake-{name}", "Read")
    yield from _on(moved, "Read", "Write")
    single = [channel for channel in CHANNELS if channel.single]
    yield from _on([SIGNALS, *single], "Describe")
    # One id for each partition of each agent, which is fenced, and one for the layout.
    yield Right("transactional-id", "newsquake-", "Write", is_prefix=True)


def archivist_rights() -> Iterator[Right]:
    """Yield the rights of who makes backups: to read what is in them, and to change nothing."""
    sources = dict.fromkeys(agent.source for agent in AGENTS.values())
    yield from _on([*sources, *MEMORIES, STATE_POSITIONS], "Read")
    yield from (Right("group", f"newsquake-{name}", "Describe") for name in AGENTS)


def restorer_rights() -> Iterator[Right]:
    """Yield the rights of who imports backups, in the place of each agent."""
    sources = tuple(dict.fromkeys(agent.source for agent in AGENTS.values()))
    used = [*sources, *MEMORIES, STATE_POSITIONS]
    yield from _on(used, "Read", "Write")
    yield from _on(sources, "DescribeConfigs")
    yield from _on([channel for channel in CHANNELS if channel not in used], "Describe")
    for name in (*(f"newsquake-{name}" for name in AGENTS), IMPORT_GROUP):
        yield Right("group", name, "Read")
    # One id for each partition of each agent, which is fenced, and one for the import.
    yield Right("transactional-id", "newsquake-", "Write", is_prefix=True)


_REPLAY_IDS: Final = (
    Right("group", "newsquake-replay", "Read"),
    # The topic of notes and its partition follow.
    Right("transactional-id", "newsquake-replay-", "Write", is_prefix=True),
)

ROLES: Final[Mapping[str, tuple[Right, ...]]] = {
    **{name: tuple(agent_rights(name, agent)) for name, agent in AGENTS.items()},
    "producer": _on([RAW], "Write"),
    "source": (
        *_on([RAW], "Write"),
        *_on([STATE_SOURCES], "Read", "Write"),
        # The digest of the feed or folder follows.
        Right("group", "newsquake-source-", "Read", is_prefix=True),
        Right("transactional-id", "newsquake-source-", "Write", is_prefix=True),
    ),
    "reader": _on([ALERTS, SCORED, SIGNALS, DEAD, SILENCES], "Read"),
    # The detector's changelog has the subjects that exist.
    "silencer": (*_on([ALERTS, STATE_DETECT, SILENCES], "Read"), *_on([SILENCES], "Write")),
    "dashboard": tuple(dashboard_rights()),
    "reviewer": _on([FEEDBACK], "Write"),
    "trainer": _on([FEEDBACK, SCORED], "Read"),
    "operator": (
        *_on(CHANNELS, "Create", "DescribeConfigs"),
        *_on([channel for channel in CHANNELS if channel is not STATE_POSITIONS], "Describe"),
        *_on([STATE_POSITIONS], "Read", "Write"),  # the layout record
    ),
    "grower": tuple(grower_rights()),
    "replayer": (
        *_on([DEAD, STATE_REPLAYS, STATE_POSITIONS], "Read"),
        *_on([*(agent.source for agent in AGENTS.values()), STATE_REPLAYS], "Write"),
        *_REPLAY_IDS,
    ),
    "purger": (
        *_on([DEAD, STATE_REPLAYS], "Read"),
        *_on([DEAD], "Delete"),
        *_on([STATE_REPLAYS], "Write"),
        *_REPLAY_IDS,
    ),
    "archivist": tuple(archivist_rights()),
    "restorer": tuple(restorer_rights()),
}
"""The rights of each role. Agents are run by workers; a producer sends news (`newsquake publish`,
`newsquake serve ingest`), a source follows feeds and folders (`newsquake source`), a reader reads
what comes out (`watch`, `alerts`), a silencer tells people that they need not be told (`silence`,
`ack`), a dashboard shows it all in a browser (`dashboard`), a reviewer sends corrections and a
trainer learns from them (`adapt`), an operator makes and checks topics (`topics create`, `topics
list`), a grower adds partitions (`topics grow`), a replayer sends dead letters back to their agents
and a purger deletes old ones (`dlq`), an archivist makes backups and a restorer imports them
(`state`). `topics skip` and `doctor` need the rights of the agents."""


def rights(roles: Iterable[str]) -> list[Right]:
    """Return the rights of all ``roles`` together, each once."""
    return list(dict.fromkeys(right for role in roles for right in ROLES[role]))


def grant_commands(
    cluster: Cluster, user: str, granted: Iterable[Right], group: str = ""
) -> list[str]:
    """Return the command lines of `kafka-acls` that give ``user`` the rights, one a resource.

    ``group`` is the consumer group of a reader that has one; it has no prefix.

    >>> for line in grant_commands(Cluster(prefix="eu."), "feed", ROLES["producer"]):
    ...     print(line)
    kafka-acls --bootstrap-server 127.0.0.1:9092 --add --allow-principal 'User:feed' \
--operation Write --topic 'eu.news.raw'
    """
    operations: dict[str, list[str]] = {}
    for right in granted:
        resource = f"--{right.resource} '{cluster.prefix}{right.name}'"
        pattern = " --resource-pattern-type prefixed" if right.is_prefix else ""
        operations.setdefault(resource + pattern, []).append(right.operation)
    if group:
        operations[f"--group '{group}'"] = ["Read"]
    return [
        f"kafka-acls --bootstrap-server {cluster.bootstrap} --add --allow-principal 'User:{user}' "
        + "".join(f"--operation {operation} " for operation in names)
        + resource
        for resource, names in operations.items()
    ]
