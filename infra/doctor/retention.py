"""Check that Kafka will not delete records before they are read.

Kafka deletes a closed segment whose newest record is older than ``retention.ms``, by the record's
timestamp. A record that is much newer than the first of its segment closes it (``segment.ms``). So
old records that were sent before the first fresh one go together at the next check (every five
minutes by default), and old records that were sent after it stay with it.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from aiokafka import TopicPartition as KafkaPartition

from infra.doctor.examination import Examination, PartitionState, now
from infra.doctor.finding import Finding, ok, warning
from schemas.channels import RAW
from streams.kafka.cluster import Cluster
from streams.kafka.connection import new_consumer
from streams.kafka.topic_command import alter_command

_MILLISECONDS: Final = 1_000
_DAY_MS: Final = 86_400_000
_SOON_SHARE: Final = 0.8
"""The share of a topic's retention after which unread records are worth a line."""


class Backlog(NamedTuple):
    """Unread offsets of an agent that retention passes.

    Attributes:
        place: The agent and the partition.
        expired: The offsets before the first record that is not older than retention allows.
        soon: The same for four fifths of that age.
        retention_ms: The topic's ``retention.ms``.
    """

    state: PartitionState
    expired: int
    soon: int
    retention_ms: int


async def retention(examination: Examination) -> Iterator[Finding]:
    """Compare the timestamps of unread records with the retention of their topics."""
    milliseconds, backlogs = int(now() * _MILLISECONDS), list[Backlog]()
    unread = [
        (state, limit)
        for state in examination.states
        if state.next < state.end and (limit := retention_limit(examination, state)) is not None
    ]
    if not unread:
        return judge(examination.cluster, backlogs)
    async with new_consumer(examination.cluster) as consumer:
        for state, limit in unread:
            expired = await _unread_before(consumer, state, milliseconds - limit)
            soon = await _unread_before(consumer, state, milliseconds - int(limit * _SOON_SHARE))
            backlogs.append(Backlog(state, expired, soon, limit))
    return judge(examination.cluster, backlogs)


def retention_limit(examination: Examination, state: PartitionState) -> int | None:
    """Return the age in ms from which Kafka deletes records of the source; None for never."""
    settings = examination.topic_settings.get(state.role.source, {})
    limit = int(settings.get("retention.ms", "-1"))
    return limit if limit >= 0 and "delete" in settings.get("cleanup.policy", "delete") else None


async def _unread_before(consumer: Any, state: PartitionState, timestamp: int) -> int:
    """Return the number of unread offsets before the first record that is not older."""
    source = KafkaPartition(*state.source)
    first = (await consumer.offsets_for_times({source: max(0, timestamp)}))[source]
    return max(0, (state.end if first is None else first.offset) - state.next)


def judge(cluster: Cluster, backlogs: list[Backlog]) -> Iterator[Finding]:
    """Yield the backlogs that Kafka will delete; one line if there is none."""
    findings: list[Finding] = []
    for backlog in backlogs:
        state, days = backlog.state, backlog.retention_ms / _DAY_MS
        topic, agent = state.role.source, state.role.agent
        unread = f"{topic}-{state.partition} from offset {state.next} on"
        longer = alter_command(cluster, topic, {"retention.ms": "-1"})
        remedy = f"run `{longer}` until {agent} has read them, and start the worker"
        if backlog.expired:
            cause = (
                "; its producer should send the time of sending"
                if topic == cluster.topic(RAW.topic)
                else ""
            )
            findings.append(
                warning(
                    f"{backlog.expired} offsets of {unread} are dated before retention.ms "
                    f"({days:g} days), and {agent} has not read them: Kafka deletes them at its "
                    "next check",
                    remedy + cause,
                )
            )
        elif backlog.soon:
            findings.append(
                warning(
                    f"{backlog.soon} offsets of {unread} are unread for {_SOON_SHARE:.0%} of "
                    f"retention.ms ({days:g} days): Kafka will delete them",
                    remedy,
                )
            )
    yield from findings or [ok("no unread record is about to be deleted")]
