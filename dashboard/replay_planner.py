"""The account of what a replay of dead letters would do, worked out on request.

Nothing is replayed here: the dashboard has no right to write to the topics of the agents.
"""

import asyncio
import shlex
from typing import Final, NamedTuple

from agents.cluster_layout import ClusterLayout
from agents.dead_letters.decide import Rules
from agents.dead_letters.replay import REPLAY_GROUP, DeadTopics, Replay, Report, plan
from agents.dead_letters.selection import Selection
from agents.kafka_topics import NEWS, required_topics
from agents.pipeline import AGENTS
from schemas.channels import DEAD, STATE_REPLAYS
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.topics import partition_counts
from streams.monitoring.diagnosis import errors_explained

MAX_LETTERS: Final = 10_000
"""Letters of one plan; the commands that are shown have the same bound."""
_SECONDS: Final = 30.0


class ReplayRow(NamedTuple):
    """The dead letters that one agent set aside for one reason.

    Attributes:
        reason: The reason's code.
        agent: The agent.
        replayed: The number of letters that would go back to it.
        kept: The number of letters that would be left alone.
        command: The command that sends them back, once it is given ``--yes``.
    """

    reason: str
    agent: str
    replayed: int
    kept: int
    command: str


class ReplayPlan(NamedTuple):
    """What `newsquake dlq replay` would do now.

    Attributes:
        rows: What would become of the letters, by reason and agent; most of those that go first.
        kept: The number of letters that would be left alone, by why.
        examples: The first letters that would go back, and the topics they would go to.
        is_bounded: Whether there are more than `MAX_LETTERS`.
    """

    rows: list[ReplayRow]
    kept: dict[str, int]
    examples: list[tuple[str, str]]
    is_bounded: bool


class ReplayPlanner:
    """Plans replays, one at a time."""

    def __init__(self, cluster: ClusterLayout) -> None:
        self._cluster = cluster
        self._lock = asyncio.Lock()

    async def plan(self) -> ReplayPlan:
        """Return what a replay of all dead letters would do.

        Raises:
            Misconfigured: Kafka does not answer, or there is no topic, or no right to read it.
            TimeoutError: There are too many letters to look at while somebody waits.
        """
        cluster = self._cluster
        dead, replays = cluster.topic(DEAD.topic), cluster.topic(STATE_REPLAYS.topic)
        required = [
            topic for topic in required_topics(cluster, NEWS) if topic.name in {dead, replays}
        ]
        targets = {name: cluster.topic(agent.source.topic) for name, agent in AGENTS.items()}
        rules = Rules(targets=targets, dead=dead)
        job = Replay(Selection(), rules, MAX_LETTERS, lambda _: "")
        async with (
            self._lock,
            asyncio.timeout(_SECONDS),
            errors_explained(cluster, [dead, replays]),
        ):
            counts = await partition_counts(cluster, required)
            topics = DeadTopics(dead, counts[dead], replays, cluster.topic(REPLAY_GROUP))
            return plan_of(await plan(KafkaLog(cluster), topics, job))


def plan_of(report: Report) -> ReplayPlan:
    """Return a report as the pages show it."""
    rows = [
        ReplayRow(
            reason,
            agent,
            report.replayed_reasons[reason, agent],
            report.kept_reasons[reason, agent],
            command(reason, agent),
        )
        for reason, agent in dict.fromkeys([*report.replayed_reasons, *report.kept_reasons])
    ]
    return ReplayPlan(
        sorted(rows, key=lambda row: (-row.replayed, -row.kept)),
        dict(report.kept.most_common()),
        [(str(letter.address), message.topic) for letter, message in report.examples],
        report.is_bounded,
    )


def command(reason: str, agent: str) -> str:
    """Return the command that shows a replay of these letters; anybody may have written a reason.

    >>> command("invalid", "ingest")
    'newsquake dlq replay --reason invalid --agent ingest --max 10000'
    >>> command("x; reboot", "")
    "newsquake dlq replay --reason 'x; reboot' --agent '' --max 10000"
    """
    options = f"--reason {shlex.quote(reason)} --agent {shlex.quote(agent)}"
    return f"newsquake dlq replay {options} --max {MAX_LETTERS}"
