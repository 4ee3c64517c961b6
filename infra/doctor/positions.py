"""Check that the positions of the agents lie within the logs, and that none will be forgotten."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aiokafka import TopicPartition as KafkaPartition

from infra.doctor.examination import Examination, PartitionState, Role, now
from infra.doctor.finding import Finding, fault, not_checked, ok, warning
from streams.core.log import Bounds
from streams.core.record import TopicPartition
from streams.growth.layout import LAYOUT_KEY
from streams.kafka.connection import committed_reader, new_consumer
from streams.kafka.kafka_log import KafkaLog
from streams.kafka.requests import describe_groups
from streams.positions.group_offsets import group_offsets
from streams.positions.landmarks import Remembered, position_key
from streams.positions.resume import check

_GROUP: Final = 0
_POLL_MS: Final = 200
_MILLISECONDS: Final = 1_000
_MINUTE: Final = 60.0
_DAY: Final = 86_400.0
_SOON_SHARE: Final = 0.8
"""The share of the brokers' retention of offsets after which it is worth a line."""
_OUR_PROTOCOL: Final = "faust"
"""The assignor of Faust's consumers."""
_GO_BACK: Final = (
    "look for a power cut, a restored volume, a topic made anew or an unclean leader election; "
    "then start the worker: it goes back to where the log still agrees"
)
Records = Mapping[bytes, tuple[Remembered, float]]


async def positions(examination: Examination) -> Iterator[Finding]:
    """Compare committed offsets, remembered positions and landmarks with the logs."""
    roles = [role for role in examination.roles if role.source in examination.topics]
    sources = {
        role: [
            KafkaPartition(role.source, partition["partition"])
            for partition in examination.topics[role.source]["partitions"]
        ]
        for role in roles
    }
    everything = [source for partitions in sources.values() for source in partitions]
    if not everything:
        return iter([not_checked("there is no topic to read", "run `newsquake topics create`")])
    records = await recall_positions(examination)
    async with new_consumer(examination.cluster) as consumer:
        starts = await consumer.beginning_offsets(everything)
        ends = await consumer.end_offsets(everything)
    states: list[PartitionState] = []
    for role, partitions in sources.items():
        committed = await committed_offsets(examination, role, partitions)
        for source in partitions:
            key = position_key(role.group, TopicPartition(*source))
            remembered, written_at = records.get(key, (Remembered(), None))
            bounds = (starts[source], ends[source])
            state = PartitionState(
                role, source.partition, committed[source], remembered, written_at, *bounds
            )
            states.append(state)
    examination.states = states
    log = KafkaLog(examination.cluster)
    intact = await asyncio.gather(*(is_intact(log, state) for state in states))
    return judge(list(zip(states, intact, strict=True)))


async def recall_positions(examination: Examination) -> Records:
    """Return the last position record and its time, by key."""
    records: dict[bytes, tuple[Remembered, float]] = {}
    topic = examination.roles[0].positions
    if topic not in examination.topics:
        return records
    partitions = examination.topics[topic]["partitions"]
    names = [KafkaPartition(topic, partition["partition"]) for partition in partitions]
    async with committed_reader(examination.cluster) as reader:
        reader.assign(names)
        await reader.seek_to_beginning(*names)
        for name, end in (await reader.end_offsets(names)).items():
            while await reader.position(name) < end:
                for record in (await reader.getmany(name, timeout_ms=_POLL_MS)).get(name, ()):
                    if record.value and record.key != LAYOUT_KEY:
                        content = Remembered.from_bytes(record.value)
                        records[record.key] = (content, record.timestamp / _MILLISECONDS)
    return records


async def committed_offsets(
    examination: Examination, role: Role, partitions: Sequence[KafkaPartition]
) -> Mapping[KafkaPartition, int]:
    """Return the committed offset of the agent in each partition; 0 without one."""
    offsets = await group_offsets(examination.admin, role.group, partitions)
    return {
        source: max(0, offsets[source].offset) if source in offsets else 0 for source in partitions
    }


async def is_intact(log: KafkaLog, state: PartitionState) -> bool:
    """Return whether the log still has the records that the agent remembers."""
    if not state.remembered.landmarks or state.position > state.end:
        return True  # of a log that is too short, `judge` says so
    bounds = Bounds(state.start, state.end)
    agreed = await check(log, state.source, state.remembered.landmarks, bounds)
    return agreed.differing is None


def judge(states: Sequence[tuple[PartitionState, bool]]) -> Iterator[Finding]:
    """Yield the positions that are not in their log; one line if all are."""
    findings = [finding for state, is_intact in states for finding in judge_state(state, is_intact)]
    behind = sum(state.end - state.next for state, _ in states)
    text = f"{len(states)} partitions, all positions within their logs, {behind} offsets behind"
    yield from findings or [ok(text)]


def judge_state(state: PartitionState, is_intact: bool) -> Iterator[Finding]:
    """Yield what is wrong with one position."""
    source = f"{state.role.agent} in {state.role.source}-{state.partition}"
    if state.position > state.end:
        yield fault(
            f"{source}: the position {state.position} is beyond the end of the log, {state.end}: "
            "records were lost on the broker",
            _GO_BACK,
        )
    elif not is_intact:
        yield fault(
            f"{source}: the log has other records than those that were read before "
            f"{state.position}",
            _GO_BACK,
        )
    elif 0 < state.position < state.start:
        lost = state.start - state.position
        yield fault(
            f"{source}: retention deleted {lost} offsets that were not read, from {state.position} "
            f"to {state.start}",
            "start the worker, which goes on behind them, and raise retention.ms of the topic or "
            "run the agent without such breaks",
        )
    elif state.committed < state.remembered.position:
        yield warning(
            f"{source}: the group's offset {state.committed} is behind the remembered position "
            f"{state.remembered.position}: it expired (offsets.retention.minutes) or was set back",
            "start the worker: it goes on from what it remembers, and nothing is processed twice",
        )


async def groups(examination: Examination) -> Iterator[Finding]:
    """Ask for the members of each group, and how long ago each group last committed."""
    findings, members = list[Finding](), list[str]()
    broker = next(iter(examination.broker_settings.values()), {})
    retention = int(broker.get("offsets.retention.minutes", "10080")) * _MINUTE
    for role in examination.roles:
        node = await examination.client.coordinator_lookup(_GROUP, role.group)
        answer = (await examination.ask(describe_groups([role.group]), node)).to_object()
        (group,) = answer["groups"]
        times = [
            state.written_at
            for state in examination.states
            if state.role == role and state.written_at
        ]
        age = now() - max(times) if times else None
        members.append(f"{role.agent} {len(group['members'])}")
        findings += judge_group(role, group, age, retention)
    return iter(findings or [ok(f"members: {', '.join(members)}")])


def judge_group(
    role: Role, group: Mapping[str, Any], age: float | None, retention: float
) -> Iterator[Finding]:
    """Yield what is wrong with a group.

    ``age`` is the time since its last commit, ``retention`` that of offsets, both in seconds.
    """
    if group["members"] and group["protocol"] not in {"", _OUR_PROTOCOL}:
        members = group["members"]
        hosts = sorted({f"{member['client']} at {member['host']}" for member in members})
        yield fault(
            f"the group {role.group} of {role.agent} has other members ({', '.join(hosts)}) with "
            f"the protocol {group['protocol']!r}: the agent can't join",
            "stop that program, or give it a group of its own",
        )
    elif not group["members"] and age is not None and age > retention * _SOON_SHARE:
        yield warning(
            f"the group {role.group} of {role.agent} has no member and last committed "
            f"{age / _DAY:.1f} days ago; Kafka forgets its offsets after {retention / _DAY:.1f}",
            "start the worker; should they be forgotten, it goes on from what it remembers in "
            f"{role.positions}",
        )
